import { fieldOf, isMissingOrNull, removeField, setField } from '@sluice/merge'
import { plainScalar, type YamlNode } from '@sluice/yaml'
import { buildAnnotation, internalPrefix } from './build-annotations.ts'
import { metadataMap, metadataText, setMetadataMap, setMetadataText, textOf } from './metadata.ts'
import { apiVersionOf, effectiveNamespace, type Gvk, parseGroupVersion, type ResId } from './res-id.ts'
import { isClusterScoped } from './scope.ts'

/** What a generator does with a resource that is there already. */
export type Behavior = 'unspecified' | 'create' | 'replace' | 'merge'

/** A former identity; `namespace` is the one that counted. */
type FormerId = { readonly name: string; readonly namespace: string; readonly kind: string }

/**
 * A Kubernetes object on its way through a build: its tree, and what kustomize has to remember of it.
 *
 * kustomize keeps that in annotations of the object; they are read here once and written nowhere.
 */
export class Resource {
  node: YamlNode
  /** Prefixes and suffixes given to the name, the innermost first. */
  prefixes: string[] = []
  suffixes: string[] = []
  behavior: Behavior = 'unspecified'
  needsHash = false
  allowNameChange = false
  allowKindChange = false
  helmGenerated = false
  /** Variables whose value is taken from this resource. */
  variables: string[] = []
  /** A patch has deleted it. */
  deleted = false
  private former: FormerId[] = []

  constructor(node: YamlNode) {
    this.node = node
    this.readBuildAnnotations()
  }

  get apiVersion(): string {
    return textOf(this.node, 'apiVersion')
  }

  get kind(): string {
    return textOf(this.node, 'kind')
  }

  get name(): string {
    return metadataText(this.node, 'name')
  }

  get namespace(): string {
    return metadataText(this.node, 'namespace')
  }

  get gvk(): Gvk {
    const { group, version } = parseGroupVersion(this.apiVersion)
    return { group, version, kind: this.kind }
  }

  /** The identity it has now. */
  get id(): ResId {
    const { apiVersion, kind } = this
    const slash = apiVersion.indexOf('/')
    return {
      group: slash < 0 ? '' : apiVersion.slice(0, slash),
      version: slash < 0 ? apiVersion : apiVersion.slice(slash + 1),
      kind,
      name: this.name,
      namespace: this.namespace,
      clusterScoped: isClusterScoped(apiVersion, kind),
    }
  }

  /** All former identities, the oldest first. Their group and version are today's. */
  get formerIds(): ResId[] {
    if (this.former.length === 0) return []
    const { group, version } = parseGroupVersion(this.apiVersion)
    return this.former.map((it) => ({ group, version, ...it, clusterScoped: false }))
  }

  /** The identity it came with. */
  get originalId(): ResId {
    const [first] = this.former
    if (!first) return this.id
    const { group, version } = parseGroupVersion(this.apiVersion)
    const { name, namespace, kind } = first
    return { group, version, kind, name, namespace, clusterScoped: false }
  }

  get labels(): Map<string, string> {
    return metadataMap(this.node, 'labels')
  }

  get annotations(): Map<string, string> {
    return metadataMap(this.node, 'annotations')
  }

  setAnnotations(annotations: ReadonlyMap<string, string>): void {
    setMetadataMap(this.node, 'annotations', annotations)
  }

  setLabels(labels: ReadonlyMap<string, string>): void {
    setMetadataMap(this.node, 'labels', labels)
  }

  setName(name: string): void {
    setMetadataText(this.node, 'name', name)
  }

  setNamespace(namespace: string): void {
    if (namespace !== '') return setMetadataText(this.node, 'namespace', namespace)
    const metadata = fieldOf(this.node, 'metadata')
    if (metadata) removeField(metadata, 'namespace')
  }

  setKind(kind: string): void {
    setField(this.node, 'kind', plainScalar(kind))
  }

  setGvk(gvk: Gvk): void {
    this.setKind(gvk.kind)
    setField(this.node, 'apiVersion', plainScalar(apiVersionOf(gvk)))
  }

  /** Remembers the identity of now as a former one. */
  rememberId(): void {
    const { id } = this
    this.clearEmptyAnnotations()
    this.former.push({ name: id.name, namespace: effectiveNamespace(id), kind: id.kind })
  }

  /** Whether one of its former names was `name`. */
  wasNamed(name: string): boolean {
    return this.former.some((it) => it.name === name)
  }

  formerNames(): string[] {
    return this.former.map((it) => it.name)
  }

  /** Whether nothing is left of it. */
  get isEmpty(): boolean {
    const { node } = this
    return this.deleted || isMissingOrNull(node) || (node.kind !== 'scalar' && node.content.length === 0)
  }

  copy(): Resource {
    const copy = new Resource(this.node.copy())
    copy.takeMemoryOf(this)
    copy.former = [...this.former]
    copy.behavior = this.behavior
    copy.needsHash = this.needsHash
    copy.allowNameChange = this.allowNameChange
    copy.allowKindChange = this.allowKindChange
    return copy
  }

  /**
   * Takes name, namespace and what is remembered of `other`, which this resource replaces, and its labels and
   * annotations where this one has none of the name.
   */
  takeMetadataOf(other: Resource): void {
    this.setLabels(new Map([...other.labels, ...this.labels]))
    this.setAnnotations(new Map([...other.annotations, ...this.annotations]))
    this.setName(other.name)
    this.setNamespace(other.namespace)
    this.takeMemoryOf(other)
    this.former = [...other.former]
    this.behavior = other.behavior
    this.needsHash = this.needsHash && other.needsHash
  }

  /** What is no mapping of annotations gives way to the one in which kustomize remembers. */
  private clearEmptyAnnotations(): void {
    const metadata = fieldOf(this.node, 'metadata')
    const isEmpty = fieldOf(metadata, 'annotations')?.content.length === 0
    if (metadata && isEmpty) removeField(metadata, 'annotations')
  }

  private takeMemoryOf(other: Resource): void {
    this.prefixes = [...other.prefixes]
    this.suffixes = [...other.suffixes]
    this.variables = [...other.variables]
    this.helmGenerated = other.helmGenerated
  }

  private readBuildAnnotations(): void {
    const metadata = fieldOf(this.node, 'metadata')
    const annotations = metadata && fieldOf(metadata, 'annotations')
    if (!annotations?.content.some((it, i) => i % 2 === 0 && it.value.startsWith(internalPrefix))) return
    const texts = this.annotations
    const list = (name: string): string[] => texts.get(name)?.split(',') ?? []
    this.prefixes = list(buildAnnotation.prefixes)
    this.suffixes = list(buildAnnotation.suffixes)
    const namespaces = list(buildAnnotation.previousNamespaces)
    const kinds = list(buildAnnotation.previousKinds)
    this.former = list(buildAnnotation.previousNames).map((name, i) => ({
      name,
      namespace: namespaces[i] ?? '',
      kind: kinds[i] ?? '',
    }))
    this.behavior = parseBehavior(texts.get(buildAnnotation.behavior) ?? '')
    this.needsHash = texts.get(buildAnnotation.needsHash) === 'enabled'
    this.allowNameChange = texts.get(buildAnnotation.allowNameChange) === 'enabled'
    this.allowKindChange = texts.get(buildAnnotation.allowKindChange) === 'enabled'
    this.helmGenerated = texts.get(buildAnnotation.helmGenerated) === 'true'
  }
}

/** A behavior by its name; anything unknown is unspecified, as in kustomize. */
export function parseBehavior(text: string): Behavior {
  return text === 'create' || text === 'replace' || text === 'merge' ? text : 'unspecified'
}
