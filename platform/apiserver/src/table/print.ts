import type { JsonObject, JsonValue, KubeObject } from '@sluice/ports'
import { listOf, objectOf, stringsOf, textOf } from '../kinds/json-fields.ts'

const none = '<none>'

/** The text, or `<none>`. */
export function orNone(text: string): string {
  return text === '' ? none : text
}

/** `a=b,c=d`, or `<none>`. */
export function printLabels(labels: JsonValue | undefined): string {
  const entries = Object.entries(objectOf(labels))
  return orNone(
    entries
      .map(([key, value]) => `${key}=${textOf(value)}`)
      .toSorted()
      .join(','),
  )
}

/** A label selector, or the plain labels of a service. */
export function printSelector(selector: JsonValue | undefined): string {
  const { matchLabels, matchExpressions } = objectOf(selector)
  if (matchLabels === undefined && matchExpressions === undefined) return printLabels(selector)
  const labels = Object.entries(objectOf(matchLabels)).map(([key, value]) => `${key}=${textOf(value)}`)
  const expressions = listOf(matchExpressions).map(printExpression)
  return orNone([...labels, ...expressions].toSorted().join(','))
}

function printExpression({ key, operator, values }: JsonObject): string {
  const name = textOf(key)
  const list = `(${stringsOf(values).toSorted().join(',')})`
  switch (textOf(operator)) {
    case 'In':
      return `${name} in ${list}`
    case 'NotIn':
      return `${name} notin ${list}`
    case 'Exists':
      return name
    default:
      return `!${name}`
  }
}

/** Template of the pods that a workload makes. */
export function podTemplateOf(object: KubeObject): JsonObject {
  if (object['template'] !== undefined) return objectOf(object['template'])
  const spec = objectOf(object['spec'])
  return spec.jobTemplate === undefined
    ? objectOf(spec.template)
    : objectOf(objectOf(objectOf(spec.jobTemplate).spec).template)
}

/** Whether a condition of this type is true. */
export function isTrue(object: KubeObject, type: string): boolean {
  return listOf(objectOf(object['status']).conditions).some((it) => it.type === type && it.status === 'True')
}

const modes: ReadonlyMap<string, string> = new Map([
  ['ReadWriteOnce', 'RWO'],
  ['ReadOnlyMany', 'ROX'],
  ['ReadWriteMany', 'RWX'],
  ['ReadWriteOncePod', 'RWOP'],
])

export function printAccessModes(value: JsonValue | undefined): string {
  return stringsOf(value)
    .map((it) => modes.get(it) ?? it)
    .join(',')
}

/** The first few, and how many more there are. */
export function printSome(items: readonly string[], most = 3): string {
  if (items.length <= most) return orNone(items.join(','))
  return `${items.slice(0, most).join(',')} + ${items.length - most} more...`
}
