import type { Clock, KubeObject, ObjectMeta, Random } from '@sluice/ports'

/** RFC 3339 with second precision. */
export function timestamp(clock: Clock): string {
  return formatTime(clock.now())
}

export function formatTime(ms: number): string {
  const second = Math.floor(ms / 1000)
  if (second !== last.second) last = { second, text: `${new Date(ms).toISOString().slice(0, 19)}Z` }
  return last.text
}

/** A busy server asks for the same second thousands of times. */
let last = { second: Number.NaN, text: '' }

/** A random UUID, version 4. */
export function newUid(random: Random): string {
  const bytes = random.bytes(16)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = Buffer.from(bytes).toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

// Without vowels and what looks alike, as Kubernetes has it.
const suffixLetters = 'bcdfghjklmnpqrstvwxz2456789'
const maxGeneratedPrefix = 58

/** A name made from a prefix and five random letters. */
export function generatedName(prefix: string, random: Random): string {
  const bytes = random.bytes(5)
  const suffix = [...bytes].map((it) => suffixLetters[it % suffixLetters.length] ?? 'b').join('')
  return prefix.slice(0, maxGeneratedPrefix) + suffix
}

/** The object with other metadata; fields set to `undefined` are dropped. */
export function withMeta(
  object: KubeObject,
  changes: { readonly [name in keyof ObjectMeta]?: ObjectMeta[name] | undefined },
): KubeObject {
  const metadata: Record<string, unknown> = { ...object.metadata, ...changes }
  for (const name of Object.keys(changes)) if (metadata[name] === undefined) delete metadata[name]
  return { ...object, metadata: metadata }
}
