import { during, KustomizeError } from '../errors.ts'
import type { GeneratorArgs } from '../kustomization/types.ts'
import { decodeUtf8, type Loader } from '../loading/loader.ts'

/** The content of a key: bytes where it comes from a file. */
export type DataValue = string | Uint8Array

/**
 * The keys and values of a generator from its files of variables, literals and files, in byte order of the keys.
 *
 * @throws {KustomizeError} when a source is malformed or a key is given twice.
 */
export function loadKeyValues(args: GeneratorArgs, loader: Loader): ReadonlyMap<string, DataValue> {
  const { envs = [], literals = [], files = [], name = '' } = args
  const pairs = during('loading KV pairs', () => [
    ...envs.flatMap((it) => during(`env source files: ${it}`, () => parseEnvFile(loader.loadBytes(it), it))),
    ...literals.map(parseLiteral),
    ...files.map((it) => during(`file sources: ${it}`, () => loadFile(it, loader))),
  ])
  const known = new Map<string, DataValue>()
  for (const [key, value] of pairs) {
    if (known.has(key)) {
      throw new KustomizeError('PLUGIN_INVALID', `configmap ${name} illegally repeats the key \`${key}\``)
    }
    known.set(key, value)
  }
  return new Map([...known].toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

type Pair = readonly [string, DataValue]

function parseLiteral(literal: string): Pair {
  const at = literal.indexOf('=')
  if (at < 1) {
    throw new KustomizeError('PLUGIN_INVALID', `invalid literal source ${literal}, expected key=value`)
  }
  return [literal.slice(0, at), unquote(literal.slice(at + 1))]
}

/** Takes off quotes that stand at both ends. */
function unquote(text: string): string {
  const first = text.charAt(0)
  const quoted = text.length > 1 && (first === '"' || first === "'") && text.endsWith(first)
  return quoted ? text.slice(1, -1) : text
}

/** `path` or `key=path`; the key of a path alone is its last part. */
function loadFile(source: string, loader: Loader): Pair {
  const [key = '', path, ...more] = source.split('=')
  if (path === undefined) return [baseName(source), loader.loadBytes(source)]
  if (more.length > 0) {
    throw new KustomizeError('PLUGIN_INVALID', `source "${source}" key name or file path contains '='`)
  }
  if (key === '' || path === '') {
    const missing = key === '' ? 'key name' : 'file path'
    throw new KustomizeError('PLUGIN_INVALID', `missing ${missing} in source "${source}"`)
  }
  return [key, loader.loadBytes(path)]
}

function baseName(path: string): string {
  const trimmed = path.replace(/\/+$/, '')
  return trimmed.slice(trimmed.lastIndexOf('/') + 1)
}

function parseEnvFile(bytes: Uint8Array, path: string): Pair[] {
  const text = decodeUtf8(bytes, path)
  const lines = text.split('\n').map((it) => it.replace(/\r$/, ''))
  return lines.flatMap((line, i) => {
    const entry = (i === 0 ? line.replace(/^\ufeff/, '') : line).trimStart()
    if (entry === '' || entry.startsWith('#')) return []
    const at = entry.indexOf('=')
    const pair: Pair = at < 0 ? [entry, ''] : [entry.slice(0, at), entry.slice(at + 1)]
    return pair[0] === '' ? [] : [pair]
  })
}
