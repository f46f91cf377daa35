import { type SopsNode, textOf } from '../sops/tree.ts'
import { SopsError } from '../sops-error.ts'
import { unflatten } from './flat-metadata.ts'
import type { LoadedDocument, Store } from './store.ts'

const metadataSection = 'sops'
/** Where keys before the first heading belong. */
const defaultSection = 'DEFAULT'

/** Sections of keys. Comments are dropped. */
export const iniStore: Store = {
  load: (text): LoadedDocument => {
    const sections = readSections(text)
    const metadata = sections.find(([name]) => name === metadataSection)?.[1]
    const entries = sections
      .filter(([name, keys]) => name !== metadataSection && (name !== defaultSection || keys.length > 0))
      .map(([name, keys]): [string, SopsNode] => [
        name,
        { kind: 'map', entries: keys.map(([key, value]) => [key, { kind: 'leaf', value }]) },
      ])
    return { roots: [{ kind: 'map', entries }], metadata: metadata && unflatten(metadata) }
  },
  emit: ([root]) => (root?.kind === 'map' ? root.entries.map(sectionText).join('\n') : ''),
}

type Section = [name: string, keys: [string, string][]]

function readSections(text: string): readonly Section[] {
  const sections: Section[] = [[defaultSection, []]]
  for (const raw of text.split('\n')) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#') || line.startsWith(';')) continue
    const heading = /^\[(.*)\]$/.exec(line)?.[1]
    if (heading !== undefined) {
      sections.push([heading.trim(), []])
      continue
    }
    const at = line.search(/[=:]/)
    if (at < 0) throw new SopsError('SOPS_MALFORMED', 'invalid INI line: neither a heading nor a key')
    sections.at(-1)?.[1].push([line.slice(0, at).trim(), unquote(line.slice(at + 1).trim())])
  }
  return sections
}

function unquote(value: string): string {
  const [first] = value
  const quoted = value.length > 1 && first !== undefined && '"\'`'.includes(first) && value.endsWith(first)
  return quoted ? value.slice(1, -1) : value
}

/** Keys of a section have their signs in one column. */
function sectionText([name, section]: readonly [string, SopsNode]): string {
  if (section.kind !== 'map') {
    throw new SopsError('SOPS_UNSUPPORTED', `cannot use a value outside of a section in an INI file: ${name}`)
  }
  const width = Math.max(0, ...section.entries.map(([key]) => key.length))
  const lines = section.entries.map(([key, value]) => {
    if (value.kind !== 'leaf') {
      throw new SopsError('SOPS_UNSUPPORTED', `cannot use complex value in INI file; offending key ${key}`)
    }
    return `${key.padEnd(width)} = ${textOf(value) ?? ''}\n`
  })
  return `${name === defaultSection ? '' : `[${name}]\n`}${lines.join('')}`
}
