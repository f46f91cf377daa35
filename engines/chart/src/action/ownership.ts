import { quote } from '@sluice/go'
import type { KubeObject } from '@sluice/ports'
import { ChartError } from '../load/chart-error.ts'
import type { Release } from '../release/release.ts'
import type { Action } from './effects.ts'

const managedBy = 'app.kubernetes.io/managed-by'
const releaseName = 'meta.helm.sh/release-name'
const releaseNamespace = 'meta.helm.sh/release-namespace'

type Owner = Pick<Release, 'name' | 'namespace'>

/** The object with the marks of the release that owns it. */
export function owned(object: KubeObject, { name, namespace }: Owner): KubeObject {
  const { metadata } = object
  return {
    ...object,
    metadata: {
      ...metadata,
      labels: { ...metadata.labels, [managedBy]: 'Helm' },
      annotations: { ...metadata.annotations, [releaseName]: name, [releaseNamespace]: namespace },
    },
  }
}

/**
 * Those of the objects that exist already and belong to the release, or may be taken.
 *
 * @throws {ChartError} when one belongs to somebody else
 */
export function* adoptable(
  objects: readonly KubeObject[],
  owner: Owner,
  { takeOwnership }: { readonly takeOwnership: boolean },
): Action<readonly KubeObject[]> {
  const existing: KubeObject[] = []
  for (const { object, found } of yield* findAll(objects)) {
    if (!found) continue
    const problems = takeOwnership ? [] : ownershipProblems(found, owner)
    if (problems.length > 0) {
      const { kind, metadata } = object
      const place = `${kind} ${quote(metadata.name ?? '')} in namespace ${quote(metadata.namespace ?? owner.namespace)}`
      throw new ChartError(
        'CHART_INVALID',
        `${place} exists and cannot be imported into the current release: invalid ownership metadata; ${problems.join('; ')}`,
      )
    }
    existing.push(object)
  }
  return existing
}

/** Splits what exists of the objects by whether it belongs to the release. */
export function* byOwner(
  objects: readonly KubeObject[],
  owner: Owner,
): Action<{ readonly own: readonly KubeObject[]; readonly foreign: readonly KubeObject[] }> {
  const own: KubeObject[] = []
  const foreign: KubeObject[] = []
  for (const { object, found } of yield* findAll(objects)) {
    if (found) (ownershipProblems(found, owner).length === 0 ? own : foreign).push(object)
  }
  return { own, foreign }
}

type Found = { readonly object: KubeObject; readonly found: KubeObject | undefined }

function* findAll(objects: readonly KubeObject[]): Action<readonly Found[]> {
  if (objects.length === 0) return []
  const found = (yield { kind: 'find', objects }) as readonly (KubeObject | undefined)[]
  return objects.map((object, index) => ({ object, found: found[index] }))
}

function ownershipProblems({ metadata }: KubeObject, { name, namespace }: Owner): readonly string[] {
  return [
    ...problem('label', metadata.labels, [managedBy, 'Helm']),
    ...problem('annotation', metadata.annotations, [releaseName, name]),
    ...problem('annotation', metadata.annotations, [releaseNamespace, namespace]),
  ]
}

function problem(
  what: string,
  marks: Readonly<Record<string, string>> | undefined,
  [key, want]: readonly [string, string],
): readonly string[] {
  const value = marks?.[key]
  if (value === want) return []
  const why =
    value === undefined
      ? `missing key ${quote(key)}: must be set to ${quote(want)}`
      : `key ${quote(key)} must equal ${quote(want)}: current value is ${quote(value)}`
  return [`${what} validation error: ${why}`]
}
