import { entryOf, takeEntry, textOf } from '../sops/tree.ts'
import { SopsError } from '../sops-error.ts'
import { readJson, writeJson } from './json-text.ts'
import type { LoadedDocument, Store } from './store.ts'

export const jsonStore: Store = {
  load: (text): LoadedDocument => {
    const root = readJson(text)
    const metadata = takeEntry(root, 'sops')
    return { roots: [root], metadata }
  },
  emit: ([root]) => (root ? `${writeJson(root)}\n` : '{}\n'),
}

/** Any bytes, wrapped in JSON for as long as they are encrypted. */
export const binaryStore: Store = {
  load: jsonStore.load,
  emit: ([root]) => {
    const data = entryOf(root, 'data')
    if (!data) throw new SopsError('SOPS_MALFORMED', 'No binary data found in tree')
    return textOf(data) ?? ''
  },
}
