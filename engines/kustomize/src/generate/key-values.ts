import { bytesGoString, quote } from '@sluice/go'
import { during, KustomizeError } from '../errors.ts'
import type { GeneratorArgs } from '../kustomization/types.ts'
import type { Loader } from '../loading/loader.ts'

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
    ...during(`env source files: [${envs.join(' ')}]`, () =>
      envs.flatMap((it) => parseEnvFile(loader.loadBytes(it))),
    ),
    ...during(`literal sources [${literals.join(' ')}]`, () => literals.map(parseLiteral)),
    ...during(`file sources: [${files.join(' ')}]`, () => files.map((it) => loadFile(it, loader))),
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
    throw new KustomizeError('PLUGIN_INVALID', `source ${quote(source)} key name or file path contains '='`)
  }
  if (key === '' || path === '') {
    const missing =
      key === '' ? `key name for file path ${quote(path)}` : `file path for key name ${quote(key)}`
    throw new KustomizeError('PLUGIN_INVALID', `missing ${missing} in source ${quote(source)}`)
  }
  return [key, loader.loadBytes(path)]
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** @throws {KustomizeError} showing the first line that is no UTF-8. */
function decodeLines(bytes: Uint8Array): string[] {
  try {
    return decoder.decode(bytes).split('\n')
  } catch {
    for (let start = 0; start <= bytes.length; ) {
      const at = bytes.indexOf(10, start)
      const line = bytes.subarray(start, at < 0 ? bytes.length : at)
      start += line.length + 1
      if (isUtf8(line)) continue
      throw new KustomizeError(
        'PLUGIN_INVALID',
        `line [${line.join(' ')}] has invalid utf8 bytes : ${readable(line)}`,
      )
    }
    return []
  }
}

/** Bytes that are no UTF-8 become U+FFFD, each of them. */
function readable(bytes: Uint8Array): string {
  return bytesGoString(bytes).replace(/(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd')
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    decoder.decode(bytes)
    return true
  } catch {
    return false
  }
}

function baseName(path: string): string {
  const trimmed = path.replace(/\/+$/, '')
  return trimmed.slice(trimmed.lastIndexOf('/') + 1)
}

function parseEnvFile(bytes: Uint8Array): Pair[] {
  const lines = decodeLines(bytes).map((it) => it.replace(/\r$/, ''))
  return lines.flatMap((line, i) => {
    const entry = (i === 0 ? line.replace(/^\ufeff/, '') : line).trimStart()
    if (entry === '' || entry.startsWith('#')) return []
    const at = entry.indexOf('=')
    const pair: Pair = at < 0 ? [entry, ''] : [entry.slice(0, at), entry.slice(at + 1)]
    return pair[0] === '' ? [] : [pair]
  })
}
