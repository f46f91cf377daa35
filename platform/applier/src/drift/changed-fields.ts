import type { ManagerMatch } from '@sluice/cluster'
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

/** Whether a change leaves the toolkit something to do, or tells it what to do. */
export function asksForAction(
  before: KubeObject,
  after: KubeObject,
  { group, ...ownership }: Ownership & { readonly group: string },
): boolean {
  return contentChanged(before, after, ownership) || instructionsChanged(before, after, group)
}

/** Whose fields the applier has, and whose it takes. */
export type Ownership = {
  readonly applier: string
  /** Managers whose fields are taken away when they are found. */
  readonly takenOver: readonly ManagerMatch[]
}

/**
 * Whether applying would have something to do, as far as metadata tells: the applier lost fields, or another one applied as
 * it, or somebody has written whose fields are taken over. What others add beside that, such as finalizers or the replicas
 * of a scaler that nobody applied, is theirs.
 *
 * Source: https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
 */
export function contentChanged(
  before: KubeObject,
  after: KubeObject,
  { applier, takenOver }: Ownership,
): boolean {
  const [was, is] = [before.metadata, after.metadata]
  const own = both(applier)
  const owned = (object: KubeObject) => JSON.stringify(entriesOf(object, own).map(entryText))
  const known = new Set(entriesOf(before, takenOver).map(entryText))
  return (
    owned(before) !== owned(after) ||
    entriesOf(after, takenOver).some((entry) => !known.has(entryText(entry))) ||
    appliedKeys(before, applier, 'labels').some((key) => was.labels?.[key] !== is.labels?.[key]) ||
    appliedKeys(before, applier, 'annotations').some(
      (key) => was.annotations?.[key] !== is.annotations?.[key],
    )
  )
}

/** A manager in both ways of writing. */
function both(prefix: string): readonly ManagerMatch[] {
  return [
    { prefix, operation: 'Apply' },
    { prefix, operation: 'Update' },
  ]
}

/** Entries for the object itself of some managers. */
function entriesOf(
  { metadata }: KubeObject,
  matches: readonly ManagerMatch[],
): readonly ManagedFieldsEntry[] {
  return (metadata.managedFields ?? []).filter(
    ({ manager = '', operation, subresource }) =>
      !subresource &&
      matches.some(({ prefix, operation: wanted }) => operation === wanted && manager.startsWith(prefix)),
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
  const [was, is] = [before.metadata, after.metadata]
  return (
    instructionsChanged(before, after, group) &&
    was.generation === is.generation &&
    JSON.stringify([was.labels, othersOf(was.annotations, group)]) ===
      JSON.stringify([is.labels, othersOf(is.annotations, group)]) &&
    JSON.stringify(leavesOf(before, group)) === JSON.stringify(leavesOf(after, group))
  )
}

type Annotations = Readonly<Record<string, string>> | undefined

/** Whether annotations that tell the toolkit what to do are others. */
function instructionsChanged(before: KubeObject, after: KubeObject, group: string): boolean {
  const [was, is] = [before, after].map(({ metadata }) => instructionsOf(metadata.annotations, group))
  return JSON.stringify(was) !== JSON.stringify(is)
}

/** Groups of annotations by which every kind of the toolkit is told something. */
const commonGroups = ['reconcile.fluxcd.io', 'toolkit.sluice.dev']

function isInstruction(annotation: string, group: string): boolean {
  return [group, ...commonGroups].some((it) => annotation.startsWith(`${it}/`))
}

function instructionsOf(annotations: Annotations, group: string): readonly [string, string][] {
  return Object.entries(annotations ?? {}).filter(([key]) => isInstruction(key, group))
}

function othersOf(annotations: Annotations, group: string): readonly [string, string][] {
  return Object.entries(annotations ?? {}).filter(([key]) => !isInstruction(key, group))
}

/** Every owned field but instructions, with its owner. */
function leavesOf(object: KubeObject, group: string): readonly string[] {
  return ownEntries(object).flatMap(([manager, operation, fieldsV1]) =>
    [...leaves(fieldsV1 ?? {}, '')]
      .filter((path) => !isInstruction(path.replace(/^metadata\.annotations\./, ''), group))
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
  return entryText(left) === entryText(right)
}

/** An entry as text, whatever order its keys came in: a list of metadata has another one than a watch. */
function entryText({ manager, operation, time, fieldsV1 }: ManagedFieldsEntry): string {
  return JSON.stringify([manager, operation, time, fieldsV1])
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
