import type { ApiResource } from './api-resource.ts'
import { builtinGroups, builtinResources } from './builtin-resources.ts'

/** A group as discovery lists it; versions in order of preference. */
export type ApiGroup = {
  readonly name: string
  readonly versions: readonly string[]
  readonly preferred: string
}

/** Which resources the server has at this moment. */
export class Registry {
  readonly #resources = new Map<string, ApiResource>()
  /** Custom resources by the name of their CRD. */
  readonly #custom = new Map<string, readonly ApiResource[]>()
  #generation = 0

  constructor() {
    for (const resource of builtinResources()) this.#resources.set(keyOf(resource), resource)
  }

  /** Rises with each change: what was computed from the registry is then old. */
  get generation(): number {
    return this.#generation
  }

  find(group: string, version: string, plural: string): ApiResource | undefined {
    return this.#resources.get(keyOf({ group, version, plural }))
  }

  findKind(group: string, version: string, kind: string): ApiResource | undefined {
    for (const resource of this.#resources.values()) {
      if (resource.group === group && resource.version === version && resource.kind === kind) return resource
    }
    return undefined
  }

  /** A resource whose objects are kept under this group and plural, in the version that is stored where possible. */
  stored(group: string, plural: string): ApiResource | undefined {
    let found: ApiResource | undefined
    for (const resource of this.#resources.values()) {
      const { storage } = resource
      if (storage.group !== group || storage.plural !== plural) continue
      if (resource.version === storage.version && resource.group === group) return resource
      found ??= resource
    }
    return found
  }

  hasGroupVersion(group: string, version: string): boolean {
    return (
      this.groups().some((it) => it.name === group && it.versions.includes(version)) ||
      (group === '' && version === 'v1')
    )
  }

  /** Resources of a group version in the order of discovery. */
  inGroupVersion(group: string, version: string): ApiResource[] {
    return this.all().filter((it) => it.group === group && it.version === version)
  }

  all(): ApiResource[] {
    return [...this.#resources.values()]
  }

  /** All groups but the core one: the built-in ones, then those of CRDs by the names of their API services. */
  groups(): readonly ApiGroup[] {
    const builtin = builtinGroups()
    const names = new Set(builtin.map((it) => it.name))
    const custom = new Map<string, Set<string>>()
    for (const { group, version } of [...this.#custom.values()].flat()) {
      if (names.has(group)) continue
      const versions = custom.get(group) ?? new Set()
      custom.set(group, versions.add(version))
    }
    return [
      ...builtin,
      ...[...custom]
        .map(([name, set]) => {
          const versions = [...set].toSorted(compareVersions)
          return { name, versions, preferred: versions[0] ?? '' }
        })
        .toSorted((a, b) => (firstService(a) < firstService(b) ? -1 : 1)),
    ]
  }

  /** Serves the versions of a CRD, in place of those that it had before. */
  setCustom(crd: string, resources: readonly ApiResource[]): void {
    for (const resource of this.#custom.get(crd) ?? []) this.#resources.delete(keyOf(resource))
    if (resources.length === 0) this.#custom.delete(crd)
    else this.#custom.set(crd, resources)
    for (const resource of resources) this.#resources.set(keyOf(resource), resource)
    this.#generation += 1
  }

  /** Whether any resource at a path such as `apis/example.com/v1` is a custom one. */
  hasCustom(path: string): boolean {
    return [...this.#custom.values()].some((list) =>
      list.some((it) => path === `apis/${it.group}/${it.version}`),
    )
  }

  /** What is served of a CRD. */
  customOf(crd: string): readonly ApiResource[] {
    return this.#custom.get(crd) ?? []
  }
}

/** `v1.example.com`, of the version whose name comes first: by it the real server orders groups of equal rank. */
function firstService({ name, versions }: ApiGroup): string {
  return `${versions.toSorted()[0] ?? ''}.${name}`
}

function keyOf({
  group,
  version,
  plural,
}: {
  readonly group: string
  readonly version: string
  readonly plural: string
}): string {
  return `${group}/${version}/${plural}`
}

/**
 * Order of preference: `v2` before `v1` before `v1beta2` before `v1alpha1`, then all others by name.
 *
 * Source: https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/#version-priority
 */
export function compareVersions(a: string, b: string): number {
  const x = rank(a)
  const y = rank(b)
  if (!x || !y) return x ? -1 : y ? 1 : a < b ? -1 : 1
  for (let index = 0; index < x.length; index += 1) {
    const order = (y[index] ?? 0) - (x[index] ?? 0)
    if (order !== 0) return order
  }
  return 0
}

/** Stability, major and minor as numbers of which the greater is preferred. */
function rank(version: string): readonly number[] | undefined {
  const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version)
  if (!match) return undefined
  const [, major, stage, minor] = match
  return [stage === undefined ? 2 : stage === 'beta' ? 1 : 0, Number(major), Number(minor ?? 0)]
}
