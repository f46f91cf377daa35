import { GoMap, type GoValue, goInt } from '@sluice/go'
import { JsonNumber, jsonScalar, type YamlNode } from '@sluice/yaml'

/** An object as Go has it once its YAML is decoded, for messages that print it. */
export function goValueOf(node: YamlNode): GoValue {
  switch (node.kind) {
    case 'document':
      return node.content[0] ? goValueOf(node.content[0]) : null
    case 'alias':
      return node.alias ? goValueOf(node.alias) : null
    case 'sequence':
      return node.content.map(goValueOf)
    case 'mapping':
      return mapOf(node)
    case 'scalar':
      return scalarOf(node)
  }
}

/** Maps have keys of any type unless all are texts. */
function mapOf({ content }: YamlNode): GoValue {
  const entries: [GoValue, GoValue][] = []
  for (let i = 0; i + 1 < content.length; i += 2) {
    const [key, value] = [content[i], content[i + 1]]
    if (key && value) entries.push([goValueOf(key), goValueOf(value)])
  }
  if (entries.every((it): it is [string, GoValue] => typeof it[0] === 'string')) return new Map(entries)
  return new GoMap('map[interface {}]interface {}', new Map(entries))
}

/** The keys that stand twice in a mapping, in the words of Go's decoder. */
export function describeDuplicates(node: YamlNode): string[] {
  const own: string[] = []
  if (node.kind === 'mapping') {
    const keys = node.content.filter((_, i) => i % 2 === 0)
    const seen = new Map<string, YamlNode>()
    for (const key of keys) {
      const first = seen.get(key.value)
      if (!first) seen.set(key.value, key)
      else {
        const name = JSON.stringify(key.value)
        own.push(`line ${key.line}: mapping key ${name} already defined at line ${first.line}`)
      }
    }
  }
  return [...own, ...node.content.flatMap(describeDuplicates)]
}

function scalarOf(node: YamlNode): GoValue {
  if (node.tag === '!!float') {
    const special = /^([-+]?)\.(inf|nan)$/i.exec(node.value)
    if (special?.[2]?.toLowerCase() === 'nan') return Number.NaN
    if (special) return special[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  }
  const value = jsonScalar(node, true)
  if (!(value instanceof JsonNumber)) return value
  return node.tag === '!!int' ? goInt(BigInt(value.text)) : Number(value.text)
}
