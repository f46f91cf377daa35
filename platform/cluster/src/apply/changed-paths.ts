import type { KubeObject } from '@sluice/ports'
import { deepEqual } from './deep-equal.ts'

/**
 * Where two states of an object differ, apart from the status and metadata other than labels and annotations:
 * `spec.template.spec.containers[app].image`. Items of lists are called by their name where they have one.
 */
export function changedPaths(before: KubeObject, after: KubeObject): readonly string[] {
  return [...differences(contentOf(before), contentOf(after), '')]
}

function contentOf(object: KubeObject): unknown {
  const { metadata, status: _, ...content } = object
  const { labels = {}, annotations = {} } = metadata
  return { ...content, metadata: { labels, annotations } }
}

function* differences(before: unknown, after: unknown, path: string): Generator<string> {
  if (deepEqual(before, after)) return
  if (isRecord(before) && isRecord(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      yield* differences(before[key], after[key], path === '' ? key : `${path}.${key}`)
    }
  } else if (Array.isArray(before) && Array.isArray(after)) {
    const [old, now] = [itemsByName(before), itemsByName(after)]
    for (const name of new Set([...old.keys(), ...now.keys()])) {
      yield* differences(old.get(name), now.get(name), `${path}[${name}]`)
    }
  } else {
    yield path
  }
}

/** By name where all have one of their own, else by place. */
function itemsByName(items: readonly unknown[]): ReadonlyMap<string, unknown> {
  const names = items.map((item) => (isRecord(item) && typeof item['name'] === 'string' ? item['name'] : ''))
  const areNames = new Set(names).size === items.length && !names.includes('')
  return new Map(items.map((item, at) => [areNames ? (names[at] ?? '') : String(at), item]))
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
