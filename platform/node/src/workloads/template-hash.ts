/** Letters of generated names: no vowels and nothing that reads like another, so that no words appear. */
const alphabet = 'bcdfghjklmnpqrstvwxz2456789'

/**
 * A short name for `value`, the same for equal values whatever the order of their keys. It looks like a pod template
 * hash of Kubernetes and serves the same end, but is not the same number: that one depends on Go's memory layout.
 */
export function hashName(value: unknown): string {
  return encodeName(fnv32(canonicalJson(value)).toString())
}

/** Digits as letters that are safe in names. */
function encodeName(digits: string): string {
  return Array.from(digits, (digit) => alphabet[digit.charCodeAt(0) % alphabet.length]).join('')
}

/** JSON with sorted keys and without absent values. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined && field !== null)
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
  return `{${fields.map(([key, field]) => `${JSON.stringify(key)}:${canonicalJson(field)}`).join(',')}}`
}

/** FNV-1a over UTF-16 units, 32 bits. */
function fnv32(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return hash >>> 0
}
