import type { JsonObject, KubeObject, ManagedFieldsEntry } from '@sluice/ports'

const maxNamed = 10

/**
 * What somebody other than the applier did between two states of an object: `data.color, data.size by kubectl-edit`. A
 * field that was only removed is missing from the applier's own.
 */
export function changedFields(before: KubeObject, after: KubeObject, applier: string): string {
  const known = before.metadata.managedFields ?? []
  const written = (after.metadata.managedFields ?? [])
    .filter((entry) => entry.manager !== applier && !entry.subresource)
    .filter((entry) => !known.some((old) => sameEntry(old, entry)))
    .map((entry) => `${named([...leaves(entry.fieldsV1 ?? {}, '')])} by ${entry.manager ?? 'unknown'}`)
  if (written.length > 0) return written.join('; ')
  const kept = new Set(fieldsOf(after, applier))
  const lost = fieldsOf(before, applier).filter((path) => !kept.has(path))
  return lost.length > 0 ? `${named(lost)} removed` : 'changed'
}

/**
 * Whether anything but the status differs, as far as metadata tells. Annotations that come with a status, such as a
 * Deployment's revision, are part of that.
 */
export function contentChanged(before: KubeObject, after: KubeObject, applier: string): boolean {
  const [was, is] = [before.metadata, after.metadata]
  // Kinds without generations have no status either: any change is one of content.
  if (is.generation === undefined || is.generation === 0) return true
  return (
    was.generation !== is.generation ||
    JSON.stringify(ownEntries(before)) !== JSON.stringify(ownEntries(after)) ||
    appliedKeys(before, applier, 'labels').some((key) => was.labels?.[key] !== is.labels?.[key]) ||
    appliedKeys(before, applier, 'annotations').some(
      (key) => was.annotations?.[key] !== is.annotations?.[key],
    )
  )
}

/** Keys of labels or annotations that the applier owns. */
function appliedKeys(object: KubeObject, applier: string, part: 'labels' | 'annotations'): readonly string[] {
  const metadata = ownFields(object, applier)['f:metadata'] as JsonObject | undefined
  const keys = (metadata?.[`f:${part}`] ?? {}) as JsonObject
  return Object.keys(keys).flatMap((key) => (key.startsWith('f:') ? [key.slice(2)] : []))
}

/**
 * Whether all that changed are annotations that tell the toolkit what to do with the object, such as
 * `kustomize.toolkit.fluxcd.io/prune: disabled`. People set them on live objects; to put them back at once would take
 * away their effect before it is asked for.
 */
export function onlyInstructionsChanged(before: KubeObject, after: KubeObject, group: string): boolean {
  const prefix = `${group}/`
  const [was, is] = [before.metadata, after.metadata]
  return (
    JSON.stringify(instructionsOf(was.annotations, prefix)) !==
      JSON.stringify(instructionsOf(is.annotations, prefix)) &&
    was.generation === is.generation &&
    JSON.stringify([was.labels, othersOf(was.annotations, prefix)]) ===
      JSON.stringify([is.labels, othersOf(is.annotations, prefix)]) &&
    JSON.stringify(leavesOf(before, prefix)) === JSON.stringify(leavesOf(after, prefix))
  )
}

type Annotations = Readonly<Record<string, string>> | undefined

function instructionsOf(annotations: Annotations, prefix: string): readonly [string, string][] {
  return Object.entries(annotations ?? {}).filter(([key]) => key.startsWith(prefix))
}

function othersOf(annotations: Annotations, prefix: string): readonly [string, string][] {
  return Object.entries(annotations ?? {}).filter(([key]) => !key.startsWith(prefix))
}

/** Every owned field but instructions, with its owner. */
function leavesOf(object: KubeObject, prefix: string): readonly string[] {
  return ownEntries(object).flatMap(([manager, operation, fieldsV1]) =>
    [...leaves(fieldsV1 ?? {}, '')]
      .filter((path) => !path.startsWith(`metadata.annotations.${prefix}`))
      .map((path) => `${manager} ${operation} ${path}`),
  )
}

/** Entries for the object itself, without their times. */
function ownEntries({
  metadata,
}: KubeObject): readonly (readonly [string | undefined, string | undefined, JsonObject | undefined])[] {
  return (metadata.managedFields ?? [])
    .filter(({ subresource }) => !subresource)
    .map(({ manager, operation, fieldsV1 }) => [manager, operation, fieldsV1] as const)
}

function sameEntry(left: ManagedFieldsEntry, right: ManagedFieldsEntry): boolean {
  return (
    left.manager === right.manager &&
    left.operation === right.operation &&
    left.time === right.time &&
    JSON.stringify(left.fieldsV1) === JSON.stringify(right.fieldsV1)
  )
}

function fieldsOf(object: KubeObject, applier: string): readonly string[] {
  return [...leaves(ownFields(object, applier), '')]
}

function ownFields({ metadata }: KubeObject, applier: string): JsonObject {
  const own = metadata.managedFields?.find(
    ({ manager, operation, subresource }) => manager === applier && operation === 'Apply' && !subresource,
  )
  return own?.fieldsV1 ?? {}
}

function named(paths: readonly string[]): string {
  const more = paths.length > maxNamed ? ` and ${paths.length - maxNamed} more` : ''
  return `${paths.slice(0, maxNamed).join(', ') || 'fields'}${more}`
}

/** Paths in a set of fields, such as `spec.template.spec.containers[name=app].image`. */
function* leaves(fields: JsonObject, path: string): Generator<string> {
  const inner = Object.entries(fields).filter(([key]) => key !== '.')
  if (inner.length === 0 && path !== '') yield path
  for (const [key, value] of inner) {
    yield* leaves((value ?? {}) as JsonObject, join(path, key))
  }
}

function join(path: string, element: string): string {
  const name = element.slice(2)
  if (element.startsWith('f:')) return path === '' ? name : `${path}.${name}`
  return `${path}[${element.startsWith('k:') ? keyText(name) : name}]`
}

function keyText(json: string): string {
  const key: unknown = JSON.parse(json)
  const pairs = typeof key === 'object' && key !== null ? Object.entries(key) : []
  return pairs.map(([name, value]) => `${name}=${String(value)}`).join(',')
}
