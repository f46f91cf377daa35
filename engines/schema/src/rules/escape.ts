/** Words that CEL reserves; a field of such a name is written between double underscores. */
export const reservedWords: ReadonlySet<string> = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
)

const escapes: ReadonlyMap<string, string> = new Map([
  ['__', '__underscores__'],
  ['.', '__dot__'],
  ['-', '__dash__'],
  ['/', '__slash__'],
])
const unescapes: ReadonlyMap<string, string> = new Map(
  [...escapes].map(([plain, escaped]) => [escaped, plain]),
)

/**
 * The name of a field in CEL; `undefined` for names that CEL cannot write.
 *
 * Source: https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-expression
 */
export function escapeName(name: string): string | undefined {
  if (reservedWords.has(name)) return `__${name}__`
  if (!/^[a-zA-Z_./-][a-zA-Z0-9_./-]*$/.test(name)) return undefined
  return name.replace(/__|[-./]/g, (part) => escapes.get(part) ?? part)
}

/** The inverse of {@link escapeName}; `undefined` for what is no escaped name. */
export function unescapeName(escaped: string): string | undefined {
  if (!escaped.includes('__')) return escaped
  let isValid = true
  const name = escaped.replace(/__[^_]+__/g, (part) => {
    const plain = unescapes.get(part)
    if (plain !== undefined) return plain
    const word = part.slice(2, -2)
    if (!reservedWords.has(word) || part.length !== escaped.length) isValid = false
    return word
  })
  return isValid ? name : undefined
}
