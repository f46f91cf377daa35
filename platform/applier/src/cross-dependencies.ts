import type { ObjectKey, Resource } from '@sluice/cluster'
import type { Watch } from '@sluice/runtime'
import { ownAnnotations, type ToolkitObject } from '@sluice/toolkit'
import { DependencyError, isReady, notFound } from './dependencies.ts'
import { readinessChanged, readyStatus } from './watches.ts'

/** An object of any kind that another one waits for. */
export type KindReference = { readonly kind: string; readonly namespace: string; readonly name: string }

export type CrossDependencyCheck = {
  /** Kinds that may be waited for. */
  readonly kinds: readonly Resource[]
  /** An object as it is now; best from a watch cache. */
  readonly read: (resource: Resource, key: ObjectKey) => ToolkitObject | undefined
  /** Whether what is waited for has to be in the object's own namespace. Default: `false`. */
  readonly noCrossNamespaceRefs?: boolean
}

const maxReferences = 100
const maxLength = 16_384

/**
 * What {@link ownAnnotations.dependsOn} of an object names: `Kind/name` or `Kind/namespace/name`, separated by commas or
 * white space.
 *
 * @throws {DependencyError} `DEPENDENCY_REFERENCE`
 */
export function crossDependencies({ metadata }: ToolkitObject): readonly KindReference[] {
  const text = metadata.annotations?.[ownAnnotations.dependsOn] ?? ''
  if (text.length > maxLength) throw malformed('it is too long')
  const entries = text.split(/[\s,]+/).filter((entry) => entry !== '')
  if (entries.length > maxReferences) throw malformed(`it names more than ${maxReferences} objects`)
  return entries.map((entry) => {
    const parts = entry.split('/')
    const [kind = '', ...rest] = parts
    if (parts.length < 2 || parts.length > 3 || parts.includes('')) {
      throw malformed(`'${entry}' is not of the form Kind/name or Kind/namespace/name`)
    }
    const name = rest.at(-1) ?? ''
    return { kind, namespace: rest.length === 2 ? (rest[0] ?? '') : (metadata.namespace ?? ''), name }
  })
}

/** `Kind/namespace/name` */
export function formatReference({ kind, namespace, name }: KindReference): string {
  return `${kind}/${namespace}/${name}`
}

/**
 * Returns when everything that the object waits for by its annotation is ready; the first that is not is named.
 *
 * @throws {DependencyError}
 */
export function checkCrossDependencies(object: ToolkitObject, check: CrossDependencyCheck): void {
  for (const reference of crossDependencies(object)) {
    const { kind, namespace, name } = reference
    const what = formatReference(reference)
    const resource = check.kinds.find((known) => known.kind === kind)
    if (!resource) throw malformed(`'${kind}' is no kind that can be waited for`)
    if (check.noCrossNamespaceRefs && namespace !== object.metadata.namespace) {
      throw new DependencyError(
        'DEPENDENCY_FORBIDDEN',
        `can't access '${what}', cross-namespace references have been blocked`,
      )
    }
    const dependency = check.read(resource, { namespace, name })
    if (!dependency) throw notFound(`dependency '${what}' not found`, { resource, name })
    if (!isReady(dependency)) {
      throw new DependencyError('DEPENDENCY_NOT_READY', `dependency '${what}' is not ready`)
    }
  }
}

/** Wakes what waits for objects of a kind by its annotation. */
export function crossDependencyWatch<T extends ToolkitObject>(resource: Resource): Watch<T> {
  return {
    resource,
    refersTo: (object) =>
      readyStatus(object) === 'True' ? [] : namedBy(object).filter(({ kind }) => kind === resource.kind),
    when: readinessChanged,
  }
}

/** Where the annotation cannot be read nothing wakes the object but its own change. */
function namedBy(object: ToolkitObject): readonly KindReference[] {
  try {
    return crossDependencies(object)
  } catch (error) {
    if (error instanceof DependencyError) return []
    throw error
  }
}

function malformed(why: string): DependencyError {
  return new DependencyError('DEPENDENCY_REFERENCE', `annotation ${ownAnnotations.dependsOn}: ${why}`)
}
