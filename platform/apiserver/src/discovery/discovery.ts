import { createHash } from 'node:crypto'
import type { ApiResource } from '../registry/api-resource.ts'
import { builtinGroups } from '../registry/builtin-resources.ts'
import type { ApiGroup, Registry } from '../registry/registry.ts'

/** The Kubernetes version that the server says it is. */
export const kubernetesVersion = { major: '1', minor: '36', gitVersion: 'v1.36.2' } as const

const aggregatedType = 'APIGroupDiscoveryList'

/** The answer to a discovery path; `undefined` when the path is none. `address` is how the client reached us. */
export function discoveryAnswer(
  registry: Registry,
  path: string,
  { accept, address }: { readonly accept: string; readonly address: string },
): { readonly body: object; readonly contentType?: string; readonly etag?: string } | undefined {
  const parts = path.split('/').filter((it) => it !== '')
  if (parts[0] === 'api') {
    if (parts.length === 1) {
      return aggregated(registry, accept, ['']) ?? { body: apiVersions(address) }
    }
    return parts.length === 2 && parts[1] === 'v1' ? { body: resourceList(registry, '', 'v1') } : undefined
  }
  if (parts[0] !== 'apis') return undefined
  const groups = registry.groups()
  if (parts.length === 1) {
    return (
      aggregated(
        registry,
        accept,
        groups.map((it) => it.name),
      ) ?? {
        body: { kind: 'APIGroupList', apiVersion: 'v1', groups: groups.map(groupEntry) },
      }
    )
  }
  const group = groups.find((it) => it.name === parts[1])
  if (!group) return undefined
  if (parts.length === 2) return { body: { kind: 'APIGroup', apiVersion: 'v1', ...groupEntry(group) } }
  const version = parts[2] ?? ''
  if (parts.length > 3 || !group.versions.includes(version)) return undefined
  return { body: resourceList(registry, group.name, version) }
}

function apiVersions(address: string): object {
  return {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: address }],
  }
}

function groupEntry({ name, versions, preferred }: ApiGroup): object {
  const entry = (version: string): object => ({ groupVersion: `${name}/${version}`, version })
  return { name, versions: versions.map(entry), preferredVersion: entry(preferred) }
}

function resourceList(registry: Registry, group: string, version: string): object {
  return {
    kind: 'APIResourceList',
    ...(group === '' ? {} : { apiVersion: 'v1' }),
    groupVersion: group === '' ? version : `${group}/${version}`,
    resources: registry.inGroupVersion(group, version).flatMap(resourceEntries),
  }
}

function resourceEntries(resource: ApiResource): object[] {
  const { plural, singular, namespaced, kind, verbs, shortNames, categories, storageVersionHash } = resource
  return [
    {
      name: plural,
      singularName: singular,
      namespaced,
      kind,
      verbs,
      ...(shortNames.length > 0 ? { shortNames } : {}),
      ...(categories.length > 0 ? { categories } : {}),
      ...(storageVersionHash === undefined ? {} : { storageVersionHash }),
    },
    ...resource.subresources.map((sub) => ({
      name: `${plural}/${sub.name}`,
      singularName: '',
      namespaced,
      ...(sub.group === undefined ? {} : { group: sub.group, version: sub.version }),
      kind: sub.kind,
      verbs: sub.verbs,
    })),
  ]
}

type Aggregated = {
  readonly body: object
  readonly contentType: string
  readonly etag: string
}

// The largest answer to what clients ask first: made once, until the resources change.
const aggregates = new WeakMap<Registry, Map<string, Aggregated & { readonly generation: number }>>()

/** All groups in one document, for clients that ask for it. */
function aggregated(registry: Registry, accept: string, names: readonly string[]): Aggregated | undefined {
  const wanted = accept.split(',').find((it) => it.includes(`as=${aggregatedType}`) && it.includes('json'))
  const version = /v=(v2(?:beta1)?)\b/.exec(wanted ?? '')?.[1]
  if (version === undefined) return undefined
  const { generation } = registry
  const known = aggregates.get(registry) ?? new Map<string, Aggregated & { readonly generation: number }>()
  aggregates.set(registry, known)
  const key = `${version}/${names.includes('') ? 'api' : 'apis'}`
  const before = known.get(key)
  if (before?.generation === generation) return before
  const body = {
    kind: aggregatedType,
    apiVersion: `apidiscovery.k8s.io/${version}`,
    metadata: {},
    items: groupsByName(registry)
      .filter((it) => names.includes(it.name))
      .map((it) => aggregatedGroup(registry, it)),
  }
  const hash = createHash('sha512').update(JSON.stringify(body)).digest('hex').toUpperCase()
  const made = {
    generation,
    body,
    etag: JSON.stringify(hash),
    contentType: `application/json;g=apidiscovery.k8s.io;v=${version};as=${aggregatedType}`,
  }
  known.set(key, made)
  return made
}

/** The core group, the built-in ones in their order, and those of CRDs by name. */
function groupsByName(registry: Registry): ApiGroup[] {
  const builtin = new Set(builtinGroups().map((it) => it.name))
  const all = registry.groups()
  return [
    { name: '', versions: ['v1'], preferred: 'v1' },
    ...all.filter((it) => builtin.has(it.name)),
    ...all.filter((it) => !builtin.has(it.name)).toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  ]
}

function aggregatedGroup(registry: Registry, { name, versions }: ApiGroup): object {
  return {
    metadata: { ...(name === '' ? {} : { name }), creationTimestamp: null },
    versions: versions.map((version) => ({
      version,
      resources: registry.inGroupVersion(name, version).map(aggregatedResource),
      freshness: 'Current',
    })),
  }
}

function aggregatedResource(resource: ApiResource): object {
  const { group, version, kind, shortNames, categories, subresources } = resource
  return {
    resource: resource.plural,
    responseKind: { group, version, kind },
    scope: resource.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: resource.singular,
    verbs: resource.verbs,
    ...(shortNames.length > 0 ? { shortNames } : {}),
    ...(categories.length > 0 ? { categories } : {}),
    ...(subresources.length > 0
      ? {
          subresources: subresources.map((sub) => ({
            subresource: sub.name,
            responseKind: { group: sub.group ?? group, version: sub.version ?? version, kind: sub.kind },
            verbs: sub.verbs,
          })),
        }
      : {}),
  }
}
