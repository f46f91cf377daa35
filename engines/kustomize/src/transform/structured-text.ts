import { type PlainValue, parseDocument, printTree, toPlain, type YamlNode } from '@sluice/yaml'
import type { FieldOptions } from '../kustomization/types.ts'
import { type CreatableKind, lookup } from '../nodes/lookup.ts'
import { splitFieldPath } from '../nodes/path.ts'
import { matchPath } from '../nodes/path-matcher.ts'
import { goJson } from './go-json.ts'
import { setReplacement } from './set-replacement.ts'

/** What is put where. */
type Setting = {
  readonly value: YamlNode
  readonly options: FieldOptions
  readonly create: CreatableKind | undefined
}

/**
 * Sets a field within a text that is YAML or JSON, as the data of ConfigMaps often is: `data.config\.yaml.a.b`.
 * Whether that was possible; if not, nothing has changed.
 *
 * Source: kustomize (main of 2026-08), api/filters/replacement, setValueInStructuredData.
 */
export function setInStructuredText(root: YamlNode, path: string, setting: Setting): boolean {
  const parts = splitFieldPath(path)
  if (parts.length < 2) return false
  const found = findText(root, parts)
  if (!found) return false
  const { scalar, rest } = found
  try {
    const document = parseDocument(scalar.value)
    const fields = matchPath(document?.content[0], rest, setting.create)
    if (!document || fields.length === 0) return false
    for (const field of fields) setReplacement(setting.options, field, setting.value)
    scalar.value = printText(document, scalar.value)
    return true
  } catch {
    // Whatever does not work within the text is tried again on the field itself, which says what is wrong.
    return false
  }
}

function findText(
  root: YamlNode,
  parts: readonly string[],
): { scalar: YamlNode; rest: readonly string[] } | undefined {
  for (let i = 1; i < parts.length; i += 1) {
    const scalar = tryLookup(root, parts.slice(0, i))
    if (scalar?.kind === 'scalar' && isYaml(scalar.value)) return { scalar, rest: parts.slice(i) }
  }
  return undefined
}

function tryLookup(root: YamlNode, path: readonly string[]): YamlNode | undefined {
  try {
    return lookup(root, path)
  } catch {
    // A path that does not fit leads to no text.
    return undefined
  }
}

function isYaml(text: string): boolean {
  try {
    parseDocument(text)
    return true
  } catch {
    // Any failure to parse means that it is no YAML.
    return false
  }
}

/** JSON stays JSON, on lines of its own if it was; all else is YAML. */
function printText(document: YamlNode, before: string): string {
  const first = before.trim().charAt(0)
  if (first !== '{' && first !== '[') return printTree(document).trim()
  const json: PlainValue = toPlain(document)
  return goJson(json, before.includes('\n') && before.includes('  ') ? '  ' : '')
}
