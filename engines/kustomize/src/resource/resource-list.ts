import { fieldOf, isMissingOrNull } from '@sluice/merge'
import { plainScalar, stringScalar, YamlNode } from '@sluice/yaml'
import { KustomizeError } from '../errors.ts'
import { originAnnotation } from './build-annotations.ts'
import { describeId, describeResources } from './describe.ts'
import { formatId, idKey } from './res-id.ts'
import type { Resource } from './resource.ts'

/**
 * Resources in order, of which no two have the same identity.
 *
 * Indexes are built when they are asked for and dropped by {@link changed}, which whoever changes identities calls.
 */
export class ResourceList {
  private list: Resource[] = []
  private byId: Map<string, Resource> | undefined
  private byAnyId: Map<string, Resource[]> | undefined

  static of(resources: Iterable<Resource>): ResourceList {
    const list = new ResourceList()
    for (const it of resources) list.append(it)
    return list
  }

  get all(): readonly Resource[] {
    return this.list
  }

  /** @throws {KustomizeError} when a resource of the same identity is there. */
  append(resource: Resource): void {
    const key = idKey(resource.id)
    const index = this.currentIds()
    if (index.has(key)) {
      throw new KustomizeError('RESOURCE_CONFLICT', alreadyRegistered(resource))
    }
    index.set(key, resource)
    if (this.byAnyId) addAnyId(this.byAnyId, resource)
    this.list.push(resource)
  }

  appendAll(other: ResourceList): void {
    for (const it of other.list) this.append(it)
  }

  /** The resources whose identity is or was the one of `key`. */
  withAnyId(key: string): readonly Resource[] {
    if (!this.byAnyId) {
      this.byAnyId = new Map()
      for (const it of this.list) addAnyId(this.byAnyId, it)
    }
    return this.byAnyId.get(key) ?? []
  }

  /** Adds generated resources, each by its behavior. @throws {KustomizeError} when that is not possible. */
  absorbAll(generated: Iterable<Resource>): void {
    for (const it of generated) this.absorb(it)
  }

  /** Identities have changed. */
  changed(): void {
    this.byId = undefined
    this.byAnyId = undefined
  }

  /** @throws {KustomizeError} when two resources have the same identity. */
  expectDistinct(): void {
    this.changed()
    const seen = new Set<string>()
    for (const it of this.list) {
      const key = idKey(it.id)
      if (seen.has(key)) throw new KustomizeError('RESOURCE_CONFLICT', alreadyRegistered(it))
      seen.add(key)
    }
  }

  replaceAll(resources: readonly Resource[]): void {
    this.list = [...resources]
    this.changed()
  }

  dropEmpty(): void {
    if (this.list.some((it) => it.isEmpty)) this.replaceAll(this.list.filter((it) => !it.isEmpty))
  }

  private absorb(resource: Resource): void {
    const { id, behavior } = resource
    const [old, another] = this.withAnyId(idKey(id))
    if (another) {
      throw new KustomizeError(
        'TARGET_INVALID',
        `found multiple objects ${describeResources(this.withAnyId(idKey(id)))} that could accept merge of ${formatId(id)}`,
      )
    }
    const updates = behavior === 'merge' || behavior === 'replace'
    if (!old) {
      if (!updates) return this.append(resource)
      throw new KustomizeError(
        'TARGET_INVALID',
        `id ${describeId(id)} does not exist; cannot merge or replace`,
      )
    }
    if (!updates) {
      throw new KustomizeError(
        'RESOURCE_CONFLICT',
        `id ${describeId(id)} exists; can not use behavior: '${behavior}', behavior must be merge or replace`,
      )
    }
    const origin = old.annotations
    resource.takeMetadataOf(old)
    if (behavior === 'merge') {
      mergeData(resource.node, old.node, 'data')
      mergeData(resource.node, old.node, 'binaryData')
      keepOrigin(resource, origin)
    }
    this.replace(old, resource)
  }

  /** Puts `resource` where `old` is, whose identities it has taken over. */
  private replace(old: Resource, resource: Resource): void {
    this.list[this.list.indexOf(old)] = resource
    this.byId?.set(idKey(resource.id), resource)
    for (const key of new Set([...old.formerIds, old.id].map(idKey))) {
      const matches = this.byAnyId?.get(key)
      if (matches) matches[matches.indexOf(old)] = resource
    }
  }

  private currentIds(): Map<string, Resource> {
    this.byId ??= new Map(this.list.map((it) => [idKey(it.id), it]))
    return this.byId
  }
}

function alreadyRegistered({ id }: Resource): string {
  return `may not add resource with an already registered id: ${formatId(id)}`
}

function addAnyId(index: Map<string, Resource[]>, resource: Resource): void {
  if (resource.isEmpty) return
  for (const key of new Set([...resource.formerIds, resource.id].map(idKey))) {
    const list = index.get(key)
    if (list) list.push(resource)
    else index.set(key, [resource])
  }
}

function keepOrigin(resource: Resource, before: ReadonlyMap<string, string>): void {
  const origin = before.get(originAnnotation)
  if (origin !== undefined) {
    resource.setAnnotations(new Map([...resource.annotations, [originAnnotation, origin]]))
  }
}

/** Adds the entries of `from` that `into` has not to its `field`; all become strings. */
function mergeData(into: YamlNode, from: YamlNode, field: 'data' | 'binaryData'): void {
  const texts = new Map([...dataOf(from, field), ...dataOf(into, field)])
  const at = into.content.findIndex((it, i) => i % 2 === 0 && it.value === field)
  if (at >= 0) into.content.splice(at, 2)
  if (texts.size === 0) return
  const data = new YamlNode('mapping', '!!map')
  for (const key of [...texts.keys()].toSorted()) {
    data.content.push(plainScalar(key), stringScalar(texts.get(key) ?? ''))
  }
  into.content.push(plainScalar(field), data)
}

function dataOf(node: YamlNode, field: string): Map<string, string> {
  const texts = new Map<string, string>()
  const content = fieldOf(node, field)?.content ?? []
  for (let i = 0; i + 1 < content.length; i += 2) {
    const value = content[i + 1]
    texts.set(content[i]?.value ?? '', value && !isMissingOrNull(value) ? value.value : '')
  }
  return texts
}
