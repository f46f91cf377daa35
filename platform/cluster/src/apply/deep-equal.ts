/** Whether two JSON values are equal; an `undefined` field counts as absent, and the order of keys does not count. */
export function deepEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (Array.isArray(a) || Array.isArray(b)) {
    return (
      Array.isArray(a) &&
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((item, at) => deepEqual(item, b[at]))
    )
  }
  if (!isRecord(a) || !isRecord(b)) return false
  const keys = Object.keys(a)
  for (const key of keys) {
    if (!deepEqual(a[key], b[key])) return false
  }
  return Object.keys(b).every((key) => b[key] === undefined || Object.hasOwn(a, key))
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
