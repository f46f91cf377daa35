import { childPath, keyPath } from '../errors/field-error.ts'
import type { StructuralSchema } from '../structural/structural-schema.ts'

/** A path within a schema, in the form of error messages, or what is wrong with it. */
export type ResolvedPath =
  | { readonly path: string; readonly schema: StructuralSchema }
  | { readonly failure: string }

const invalidField = { failure: 'does not refer to a valid field' }
const atEnd = { failure: 'unexpected end of JSON path' }

const unescapes: ReadonlyMap<string, string> = new Map([
  ['a', '\u0007'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
  ["'", "'"],
  ['\\', '\\'],
])

/**
 * Resolves the `fieldPath` of a rule: `.a.b` and `['a']`, from the schema that has the rule.
 *
 * Source: https://pkg.go.dev/k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel#ValidFieldPath
 */
export function resolveFieldPath(
  text: string,
  schema: StructuralSchema,
  { allowArrayNotation = true }: { readonly allowArrayNotation?: boolean } = {},
): ResolvedPath {
  let at: ResolvedPath = { path: '', schema }
  const tokens = tokenize(text)
  for (let index = 0; index < tokens.length; ) {
    const token = tokens[index] ?? ''
    if (token !== '.' && token !== '[') return { failure: `expected [ or . but got: ${token}` }
    if (token === '[' && !allowArrayNotation) return { failure: 'array notation is not allowed' }
    const name = token === '.' ? readName(tokens[index + 1]) : readQuoted(tokens, index)
    if (typeof name !== 'string') return name
    at = step(at, name)
    if ('failure' in at) return at
    index += token === '.' ? 2 : 3
  }
  return at
}

function tokenize(text: string): readonly string[] {
  return text.match(/'(?:[^'\\]|\\.)*'|[.[\]]|[^.[\]']+|'/gs) ?? []
}

function readName(token: string | undefined): string | { readonly failure: string } {
  return token ?? atEnd
}

function readQuoted(tokens: readonly string[], at: number): string | { readonly failure: string } {
  const token = tokens[at + 1]
  if (token === undefined) return atEnd
  if (!/^'.*'$/s.test(token)) return { failure: `expected single quoted string but got ${token}` }
  let wrong: string | undefined
  const name = token.slice(1, -1).replace(/\\(.)/gs, (escape, letter: string) => {
    const plain = unescapes.get(letter)
    if (plain === undefined) wrong = escape
    return plain ?? ''
  })
  if (wrong !== undefined) return { failure: `invalid string literal: invalid escape char ${wrong}` }
  const close = tokens[at + 2]
  if (close === undefined) return atEnd
  return close === ']' ? name : { failure: `expected ] but got ${close}` }
}

function step(at: ResolvedPath, name: string): ResolvedPath {
  if ('failure' in at) return at
  if (at.schema.properties.size > 0) {
    const property = at.schema.properties.get(name)
    return property ? { path: childPath(at.path, name), schema: property } : invalidField
  }
  const { values } = at.schema
  return values ? { path: keyPath(at.path, name), schema: values } : invalidField
}
