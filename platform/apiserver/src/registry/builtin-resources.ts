import { builtinSchema, structuralSchema } from '@sluice/schema'
import { kubernetesResources } from '../generated/resources.ts'
import type { ApiResource } from './api-resource.ts'

type Described = {
  readonly name: string
  readonly singularName: string
  readonly namespaced: boolean
  readonly kind: string
  readonly group?: string
  readonly version?: string
  readonly verbs: readonly string[]
  readonly shortNames?: readonly string[]
  readonly categories?: readonly string[]
  readonly storageVersionHash?: string
}

export type BuiltinGroup = {
  readonly name: string
  readonly versions: readonly string[]
  readonly preferred: string
}

export type Column = readonly [name: string, type: string, format: string, priority: number]

type Data = {
  readonly groups: readonly BuiltinGroup[]
  readonly resources: Readonly<Record<string, readonly Described[]>>
  readonly columns: Readonly<Record<string, readonly Column[]>>
}

/** Resources that show the objects of another one in their own form. */
const sharedStorage: ReadonlyMap<string, ApiResource['storage']> = new Map([
  ['events.k8s.io/events', { group: '', plural: 'events', version: 'v1' }],
  [
    'autoscaling/horizontalpodautoscalers',
    { group: 'autoscaling', plural: 'horizontalpodautoscalers', version: 'v2' },
  ],
])

/** Kinds of the core group that are on their way out. */
const deprecations: ReadonlyMap<string, string> = new Map([
  ['ComponentStatus', 'v1 ComponentStatus is deprecated in v1.19+'],
  ['Endpoints', 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice'],
])

// Parsing costs a few milliseconds, so it waits until a server is made.
let parsed: Data | undefined

function data(): Data {
  parsed ??= JSON.parse(kubernetesResources) as Data
  return parsed
}

/** The API groups of Kubernetes 1.36 in the order of its discovery. */
export function builtinGroups(): readonly BuiltinGroup[] {
  return data().groups
}

/** Columns of a kind's table, by `apps/v1/Deployment`. */
export function builtinColumns(kind: string): readonly Column[] | undefined {
  return data().columns[kind]
}

/** All built-in resources, in the order of discovery. */
export function builtinResources(): ApiResource[] {
  return Object.entries(data().resources).flatMap(([path, list]) => {
    const [, root, group = '', version = ''] = path.split('/')
    const at = root === 'api' ? { group: '', version: group } : { group, version }
    return list.filter((it) => !it.name.includes('/')).map((it) => builtinResource(it, list, at))
  })
}

function builtinResource(
  it: Described,
  list: readonly Described[],
  { group, version }: { readonly group: string; readonly version: string },
): ApiResource {
  return {
    group,
    version,
    kind: it.kind,
    listKind: `${it.kind}List`,
    plural: it.name,
    singular: it.singularName,
    namespaced: it.namespaced,
    shortNames: it.shortNames ?? [],
    categories: it.categories ?? [],
    verbs: it.verbs,
    storageVersionHash: it.storageVersionHash,
    storage: sharedStorage.get(`${group}/${it.name}`) ?? { group, plural: it.name, version },
    subresources: list
      .filter((sub) => sub.name.startsWith(`${it.name}/`))
      .map((sub) => ({
        name: sub.name.slice(it.name.length + 1),
        group: sub.group,
        version: sub.version,
        kind: sub.kind,
        verbs: sub.verbs,
      })),
    type:
      builtinSchema({ group, version, kind: it.kind }) ??
      structuralSchema({ type: 'object', 'x-kubernetes-preserve-unknown-fields': true }),
    deprecation: group === '' ? deprecations.get(it.kind) : undefined,
    custom: undefined,
  }
}
