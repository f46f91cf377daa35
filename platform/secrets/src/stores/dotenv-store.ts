import { type SopsNode, textOf } from '../sops/tree.ts'
import { SopsError } from '../sops-error.ts'
import { unflatten } from './flat-metadata.ts'
import type { LoadedDocument, Store } from './store.ts'

const metadataPrefix = 'sops_'

/** Lines of `KEY=value`, line breaks in values escaped. Comments are dropped. */
export const dotenvStore: Store = {
  load: (text): LoadedDocument => {
    const entries: [string, SopsNode][] = []
    const metadata: [string, string][] = []
    for (const line of text.split('\n')) {
      if (line.trim() === '' || line.startsWith('#')) continue
      const equals = line.indexOf('=')
      if (equals < 0) throw new SopsError('SOPS_MALFORMED', 'invalid dotenv input line: no = in it')
      const [key, value] = [line.slice(0, equals), line.slice(equals + 1)]
      if (key.startsWith(metadataPrefix)) metadata.push([key.slice(metadataPrefix.length), value])
      else entries.push([key, { kind: 'leaf', value: value.replaceAll('\\n', '\n') }])
    }
    return {
      roots: [{ kind: 'map', entries }],
      metadata: metadata.length > 0 ? unflatten(metadata) : undefined,
    }
  },
  emit: ([root]) => (root?.kind === 'map' ? root.entries.map(lineOf).join('') : ''),
}

function lineOf([key, value]: readonly [string, SopsNode]): string {
  if (value.kind !== 'leaf') {
    throw new SopsError('SOPS_UNSUPPORTED', `cannot use complex value in dotenv file; offending key ${key}`)
  }
  return `${key}=${(textOf(value) ?? '').replaceAll('\n', '\\n')}\n`
}
