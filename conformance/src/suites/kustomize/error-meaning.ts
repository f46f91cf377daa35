import { Mismatch } from '../../suite.ts'

/** What a message may name: quoted texts, words in them, files, identities of objects. */
const quoted = /['"`]([^'"`\n]{1,200})['"`]/g
const identity = /\b[A-Z][A-Za-z]+\.[\w[\]]+\.[\w.[\]-]+\/([\w.-]+?)\.(?:\[noNs\]|[\w-]+)/g
const inputPath = /\{\{INPUT\}\}\/([\w./-]+)/g
const goName = /Name:"([^"]+)"/g
const goStruct = /resid\.ResId\{[^\n]*?Namespace:"[^"]*"\}/g
const word = /[A-Za-z][\w-]*(?:[._][\w-]+)+|[A-Z][A-Z_]+|[a-z]+[A-Z]\w+/g
const file = /[\w./-]+\.(?:ya?ml|json|env|txt)\b/g

/**
 * Compares two messages by what they name: at least one of the files, objects or values that the recorded one names
 * must be in ours. Wording is not compared.
 *
 * @throws {Mismatch} when ours names none of them.
 */
export function expectSameMeaning(got: string, want: string): void {
  const wanted = names(want)
  if (wanted.length === 0 || wanted.some((it) => got.includes(it))) return
  throw new Mismatch(`the error names none of ${JSON.stringify(wanted.slice(0, 8))}: ${got.slice(0, 300)}`)
}

function names(message: string): string[] {
  // Only the error itself: warnings come before it.
  const text = message.slice(Math.max(message.search(/^Error: /m), 0)).replace(/^# Warning:.*\n/gm, '')
  const sayings = text.replace(goStruct, '')
  const found = [
    ...[...text.matchAll(inputPath)].map(([, path = '']) => path.slice(path.lastIndexOf('/') + 1)),
    ...[...text.matchAll(goName)].map(([, name = '']) => `/${name}.`),
    ...[...sayings.matchAll(quoted)].flatMap(([, name = '']) => name.match(word) ?? []),
    ...[...sayings.matchAll(quoted)].map(([, name = '']) => name),
    ...[...text.matchAll(identity)].map(([, name = '']) => name),
    ...[...text.matchAll(file)].map(([name]) => name.slice(name.lastIndexOf('/') + 1)),
  ]
  return [...new Set(found)].filter((it) => it.length > 1 && !it.includes('{{'))
}
