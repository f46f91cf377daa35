import { errorChain } from '@sluice/ports'
import { jsonScalar, parseDocuments, printYaml, type YamlNode } from '@sluice/yaml'
import { type SopsLeaf, type SopsNode, takeEntry, toPlain } from '../sops/tree.ts'
import { SopsError } from '../sops-error.ts'
import type { LoadedDocument, Store } from './store.ts'

const maxDepth = 200
const maxLength = 8 * 1024 * 1024
const encryptedToken = /(["']?)(ENC\[AES256_GCM,data:[^\]\n]*\])\1/g

export const yamlStore: Store = {
  load: (text): LoadedDocument => {
    const roots = parse(text).map((document) => convert(document.content[0], 0))
    // Each document carries the same metadata.
    const metadata = roots.map((root) => takeEntry(root, 'sops')).find((found) => found !== undefined)
    return { roots, metadata, rewrite: (decrypted) => rewrite(text, decrypted) }
  },
  emit: (roots) =>
    roots.map((root) => printYaml(toPlain(root) as Parameters<typeof printYaml>[0])).join('---\n'),
}

function parse(text: string): readonly YamlNode[] {
  try {
    return parseDocuments(text, { maxDepth, maxLength })
  } catch (cause) {
    throw new SopsError('SOPS_MALFORMED', `Error unmarshaling input YAML: ${errorChain(cause)}`)
  }
}

function convert(node: YamlNode | undefined, depth: number): SopsNode {
  if (depth > maxDepth) throw new SopsError('SOPS_MALFORMED', `nested deeper than ${maxDepth}`)
  switch (node?.kind) {
    case 'mapping': {
      const entries: [string, SopsNode][] = []
      for (let at = 0; at + 1 < node.content.length; at += 2) {
        const [key, value] = [node.content[at], node.content[at + 1]]
        entries.push([key?.value ?? '', convert(value, depth + 1)])
      }
      return { kind: 'map', entries }
    }
    case 'sequence':
      return { kind: 'list', items: node.content.map((item) => convert(item, depth + 1)) }
    case 'alias':
      return convert(node.alias, depth + 1)
    case 'scalar':
      return { kind: 'leaf', value: leafValue(node) }
    case 'document':
    case undefined:
      return { kind: 'leaf', value: null }
  }
}

function leafValue(node: YamlNode): SopsLeaf {
  const value = jsonScalar(node, false)
  if (typeof value !== 'object' || value === null) return value
  const number = Number(value.text)
  return /^-?\d+$/.test(value.text) && !Number.isSafeInteger(number) ? BigInt(value.text) : number
}

/**
 * The text with encrypted values replaced and the metadata cut out. SOPS laid the text out itself, so what it would print
 * for the plain document is this.
 */
function rewrite(text: string, decrypted: ReadonlyMap<string, SopsNode>): string {
  const lines = withoutMetadata(text.split('\n'))
  return lines.map((line) => rewriteLine(line, decrypted)).join('\n')
}

function withoutMetadata(lines: readonly string[]): readonly string[] {
  const kept: string[] = []
  let inMetadata = false
  for (const line of lines) {
    if (/^sops:(\s|$)/.test(line)) inMetadata = true
    else if (inMetadata && /^\S/.test(line)) inMetadata = false
    // The text ends with the line break of its last line.
    if (!inMetadata || line === '') kept.push(line)
  }
  while (kept.length > 1 && kept.at(-1) === '' && kept.at(-2) === '') kept.pop()
  return kept
}

function rewriteLine(line: string, decrypted: ReadonlyMap<string, SopsNode>): string {
  return line.replace(encryptedToken, (whole, _quote: string, token: string, at: number) => {
    const node = decrypted.get(token)
    if (node?.kind !== 'leaf') return whole
    return scalarText(node.value, line.slice(0, at))
  })
}

/** The scalar as it stands after `before` on its line; several lines become a literal block below. */
function scalarText(value: SopsLeaf, before: string): string {
  const text = printYaml(value)
  const lines = text.replace(/\n$/, '').split('\n')
  if (lines.length === 1) return lines[0] ?? ''
  const indent = ' '.repeat((/^(?:\s*- )*\s*/.exec(before)?.[0].length ?? 0) + 4)
  const [header = '|', ...body] = lines
  return [header, ...body.map((line) => (line.trim() === '' ? '' : indent + line.replace(/^ {2}/, '')))].join(
    '\n',
  )
}
