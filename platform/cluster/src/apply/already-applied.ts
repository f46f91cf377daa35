import type { JsonObject, KubeObject } from '@sluice/ports'
import { deepEqual } from './deep-equal.ts'

/**
 * Whether applying `desired` as `applier` would change nothing, told from the live object alone: the applier owns exactly
 * the fields of `desired`, and they have its values. Then no dry run is needed.
 *
 * Answers `false` when in doubt. The set of owned fields says how lists are merged, so that no schema is needed; a field
 * that someone else has changed is no longer in it.
 *
 * Source: https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
 */
export function isAlreadyApplied(desired: KubeObject, live: KubeObject, applier: string): boolean {
  const entry = live.metadata.managedFields?.find(
    (it) => it.manager === applier && it.operation === 'Apply' && !it.subresource,
  )
  if (!entry?.fieldsV1 || entry.apiVersion !== desired.apiVersion) return false
  const { labels, annotations } = desired.metadata
  const { apiVersion: _, kind: __, metadata: ___, ...content } = desired
  const owned = {
    ...content,
    ...((labels || annotations) && {
      metadata: { ...(labels && { labels }), ...(annotations && { annotations }) },
    }),
  }
  return hasOnlyOwnership(desired) && matchesRecord(owned, live, entry.fieldsV1)
}

/** Metadata that is applied beyond labels and annotations is rare, and left to the server to judge. */
function hasOnlyOwnership({ metadata }: KubeObject): boolean {
  const { name: _, namespace: __, labels: ___, annotations: ____, ...others } = metadata
  return Object.values(others).every((it) => it === undefined)
}

function matches(desired: unknown, live: unknown, owned: JsonObject): boolean {
  const names = Object.keys(owned).filter((it) => it !== '.')
  if (names.length === 0) return matchesLeaf(desired, live)
  if (Array.isArray(desired)) return Array.isArray(live) && matchesList(desired, live, owned)
  return isRecord(desired) && isRecord(live) && matchesRecord(desired, live, owned)
}

/** The applier owns the value as a whole, or an empty one, which the server leaves out or others have filled. */
function matchesLeaf(desired: unknown, live: unknown): boolean {
  if (isRecord(desired) && Object.keys(desired).length === 0) return live === undefined || isRecord(live)
  if (Array.isArray(desired) && desired.length === 0) return live === undefined || Array.isArray(live)
  return deepEqual(desired, live)
}

function matchesRecord(
  desired: Readonly<Record<string, unknown>>,
  live: Readonly<Record<string, unknown>>,
  owned: JsonObject,
): boolean {
  const fields = Object.entries(desired).filter(([, value]) => value !== undefined)
  const names = Object.keys(owned).filter((it) => it !== '.')
  if (fields.length !== names.length) return false
  return fields.every(([name, value]) => {
    const inner = owned[`f:${name}`]
    return isRecord(inner) && matches(value, live[name], inner)
  })
}

/** Items are owned by their keys (`k:`), or as members of a set (`v:`). */
function matchesList(desired: readonly unknown[], live: readonly unknown[], owned: JsonObject): boolean {
  const elements = Object.entries(owned).filter(([element]) => element !== '.')
  if (elements.length !== desired.length) return false
  return elements.every(([element, inner]) => {
    const fits = elementTest(element)
    const [wanted, found] = [desired.find(fits), live.find(fits)]
    if (wanted === undefined || found === undefined || !isRecord(inner)) return false
    return matches(wanted, found, inner)
  })
}

function elementTest(element: string): (item: unknown) => boolean {
  const value: unknown = JSON.parse(element.slice(2))
  if (element.startsWith('v:')) return (item) => deepEqual(item, value)
  if (!element.startsWith('k:') || !isRecord(value)) return () => false
  const keys = Object.entries(value)
  return (item) => isRecord(item) && keys.every(([name, key]) => deepEqual(item[name], key))
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
