/** Where two JSON values differ first, as `path: want …, got …`; `undefined` when they are equal. */
export function firstDifference(want: unknown, got: unknown, path: string): string | undefined {
  if (want === got) return undefined
  if (Array.isArray(want) && Array.isArray(got)) {
    for (let index = 0; index < Math.max(want.length, got.length); index += 1) {
      const found = firstDifference(want[index], got[index], `${path}[${index}]`)
      if (found) return found
    }
    return undefined
  }
  if (isObject(want) && isObject(got)) {
    for (const name of new Set([...Object.keys(want), ...Object.keys(got)])) {
      const found = firstDifference(want[name], got[name], `${path}.${name}`)
      if (found) return found
    }
    return undefined
  }
  return `${path}: want ${shown(want)}, got ${shown(got)}`
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 300)
}
