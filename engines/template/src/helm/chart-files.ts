import { bytesGoString, type GoFunction, GoMap, type GoValue } from '@sluice/go'
import { define } from '../functions.ts'
import { encodeBase64 } from '../sprig/encoding.ts'
import { textList } from '../sprig/list-items.ts'
import { yamlText } from './formats.ts'
import { compileGlob } from './glob.ts'

/**
 * `.Files`: the chart's files other than templates, with the methods that Helm gives them.
 *
 * Source: helm.sh/helm/v4 4.3.1, pkg/engine/files.go.
 */
export function chartFiles(files: ReadonlyMap<string, Uint8Array>): GoMap {
  const methods = new Map<string, GoFunction>([
    ['Get', define(['string'], (path) => bytesGoString(files.get(path) ?? new Uint8Array()))],
    ['GetBytes', define(['string'], (path) => files.get(path) ?? new Uint8Array())],
    ['Glob', define(['string'], (pattern) => matching(files, pattern))],
    ['AsConfig', define([], () => flattened(files, bytesGoString))],
    ['AsSecrets', define([], () => flattened(files, encodeBase64))],
    ['Lines', define(['string'], (path) => textList(lines(files.get(path))))],
  ])
  const entries = new Map<GoValue, GoValue>(files)
  return new GoMap('engine.files', entries, { methods, underlying: 'map[string][]uint8' })
}

/** A malformed pattern matches everything, as in Helm. */
function matching(files: ReadonlyMap<string, Uint8Array>, pattern: string): GoMap {
  const matches = compileGlob(pattern) ?? (() => true)
  return chartFiles(new Map([...files].filter(([path]) => matches(path))))
}

/** Contents by file name; of two files with one name the later path counts. */
function flattened(files: ReadonlyMap<string, Uint8Array>, text: (bytes: Uint8Array) => string): string {
  const contents = new Map<string, GoValue>()
  for (const [path, bytes] of files) contents.set(path.slice(path.lastIndexOf('/') + 1), text(bytes))
  return yamlText(contents)
}

function lines(bytes: Uint8Array | undefined): readonly string[] {
  if (!bytes || bytes.length === 0) return []
  return bytesGoString(bytes).replace(/\n$/, '').split('\n')
}
