/** Splits at `delimiter`, which a backslash before it takes for a part of the name; a first empty part is dropped. */
export function splitPath(path: string, delimiter: string): string[] {
  const parts = path.split(delimiter)
  if (parts.length > 1 && parts[0] === '') parts.shift()
  const names: string[] = []
  for (const part of parts) {
    const last = names.at(-1)
    if (last?.endsWith('\\')) names[names.length - 1] = `${last.slice(0, -1)}${delimiter}${part}`
    else names.push(part)
  }
  return names
}

/**
 * Splits a field path at its dots, except within brackets: `[name=a.b]` is one part, and `[a.b]` the field `a.b`.
 *
 * Source: kyaml v0.21, utils/pathsplitter.go, SmarterPathSplitter.
 */
export function splitFieldPath(path: string): string[] {
  const parts = splitPath(path, '.')
  const fields: string[] = []
  for (let i = 0; i < parts.length; i += 1) {
    const part = parts[i] ?? ''
    if (!part.startsWith('[') || part.endsWith(']')) {
      fields.push(part)
      continue
    }
    const bracketed = [part]
    while (i < parts.length - 1 && !bracketed.at(-1)?.endsWith(']')) {
      i += 1
      bracketed.push(parts[i] ?? '')
    }
    const whole = bracketed.join('.')
    fields.push(whole.includes('=') ? whole : whole.replace(/^[[\]]+|[[\]]+$/g, ''))
  }
  return fields
}

/** Whether a part selects an item of a list by its content, as `[name=x]` does. */
export function isItemSelector(part: string): boolean {
  return part.startsWith('[') && part.endsWith(']')
}

/** The number that a part is, as Go's Atoi reads it. */
export function asIndex(part: string): number | undefined {
  return /^[+-]?\d{1,15}$/.test(part) ? Number(part) : undefined
}

/** Field and value of an item selector; `undefined` where there is no `=`. */
export function splitItemSelector(part: string): { field: string; value: string } | undefined {
  const inner = part.replace(/\]$/, '').replace(/^\[/, '')
  const at = inner.indexOf('=')
  return at < 0 ? undefined : { field: inner.slice(0, at), value: inner.slice(at + 1) }
}
