import type { JsonObject, JsonValue } from '@sluice/ports'

/** Names of the fields of an event in the core group, and in `events.k8s.io`. */
const fields: readonly (readonly [core: string, own: string])[] = [
  ['involvedObject', 'regarding'],
  ['message', 'note'],
  ['source', 'deprecatedSource'],
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
  ['count', 'deprecatedCount'],
  ['reportingComponent', 'reportingController'],
]

const toCore = new Map(fields.map(([core, own]) => [own, core]))
const fromCore = new Map(fields)

/** An event of the core group as `events.k8s.io` shows it, without what its type always writes. */
export function eventFromCore(event: JsonObject): JsonObject {
  return renamed(event, fromCore)
}

export function eventToCore(event: JsonObject): JsonObject {
  return renamed(event, toCore)
}

function renamed(event: JsonObject, names: ReadonlyMap<string, string>): JsonObject {
  return Object.fromEntries(
    Object.entries(event).map(([name, value]): [string, JsonValue] => [
      names.get(name) ?? name,
      value ?? null,
    ]),
  )
}

/** The path in the core group of a field that a selector of `events.k8s.io` names. */
export function corePathOfEvent(path: string): string {
  const [first = '', ...rest] = path.split('.')
  return [toCore.get(first) ?? first, ...rest].join('.')
}
