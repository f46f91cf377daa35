import { quote } from '@sluice/go'
import { isMissingOrNull } from '@sluice/merge'
import { type PlainValue, parsePlain, plainScalar, type YamlNode } from '@sluice/yaml'
import { during, KustomizeError, unmarshaling } from '../errors.ts'
import { decodeObject } from '../kustomization/decode.ts'
import { replacement as replacementStruct } from '../kustomization/shapes.ts'
import type {
  FieldOptions,
  Replacement,
  ReplacementSource,
  ReplacementTarget,
  Selector,
} from '../kustomization/types.ts'
import type { Loader } from '../loading/loader.ts'
import { lookup } from '../nodes/lookup.ts'
import { splitFieldPath } from '../nodes/path.ts'
import { matchPath } from '../nodes/path-matcher.ts'
import { effectiveNamespace, formatId, isSelected, type ResId } from '../resource/res-id.ts'
import type { Resource } from '../resource/resource.ts'
import { compileLabelSelector } from '../select/label-selector.ts'
import { compileSelector } from '../select/selector.ts'
import { setReplacement } from './set-replacement.ts'
import { setInStructuredText } from './structured-text.ts'
import type { Transformer } from './transformer.ts'

const defaultFieldPath = 'metadata.name'

/** Copies fields of one resource to others. */
export function replacementTransformer(replacements: readonly Replacement[], loader: Loader): Transformer {
  const loaded = replacements.flatMap((it) => loadReplacements(it, loader))
  return (resources) => {
    for (const replacement of loaded) applyReplacement(resources.all, replacement)
    resources.changed()
  }
}

function loadReplacements(replacement: Replacement, loader: Loader): readonly Replacement[] {
  const { path = '', source, targets = [] } = replacement
  if (path === '') return [replacement]
  if (source || targets.length > 0) {
    throw new KustomizeError('PLUGIN_INVALID', 'cannot specify both path and inline replacement')
  }
  const text = loader.load(path)
  const content = during('error converting YAML to JSON', () => parsePlain(text))
  if (typeof content !== 'object' || content === null) {
    const problem = `unsupported replacement type encountered within replacement path: ${goKindOf(content)}`
    throw new KustomizeError('PLUGIN_INVALID', problem)
  }
  const entries = Array.isArray(content) ? content : [content]
  return unmarshaling(() =>
    entries.map((it) => decodeObject(it, replacementStruct, { strict: false, converts: true })),
  )
}

/** What Go's reflection calls a value that is no object and no list. */
function goKindOf(value: PlainValue): string {
  if (value === null) return 'invalid'
  if (typeof value === 'number') return 'float64'
  return typeof value === 'boolean' ? 'bool' : 'string'
}

function applyReplacement(resources: readonly Resource[], replacement: Replacement): void {
  const { source, sourceValue, targets } = replacement
  if ((!source && sourceValue === undefined) || !targets) {
    throw new KustomizeError('PLUGIN_INVALID', 'replacements must specify a source and at least one target')
  }
  if (source && sourceValue !== undefined) {
    throw new KustomizeError('PLUGIN_INVALID', 'value and resource selectors are mutually exclusive')
  }
  const value = source ? sourceNode(resources, source) : plainScalar(sourceValue ?? '')
  for (const target of targets) applyToTargets(resources, target, value)
}

function sourceNode(resources: readonly Resource[], source: ReplacementSource): YamlNode {
  const { fieldPath = defaultFieldPath, options = {} } = source
  const matches = resources.filter((it) => plainIds(it).some((id) => isSelectedBy(id, source)))
  const [resource, another] = matches
  const what = describeSource(source)
  if (!resource) throw new KustomizeError('TARGET_INVALID', `nothing selected by ${what}`)
  if (another) throw new KustomizeError('TARGET_INVALID', `multiple matches for selector ${what}`)
  const path = fieldPath === '' ? defaultFieldPath : fieldPath
  const field = during('error looking up replacement source', () =>
    lookup(resource.node, splitFieldPath(path)),
  )
  const empty = !field || isMissingOrNull(field) || (field.kind !== 'scalar' && field.content.length === 0)
  if (empty) {
    throw new KustomizeError(
      'FIELD_INVALID',
      `fieldPath \`${path}\` is missing for replacement source ${formatId(source)}`,
    )
  }
  return refine(field, options)
}

/** What a source selects, as Go prints it. */
function describeSource({ fieldPath = '', options = {}, ...id }: ReplacementSource): string {
  const { delimiter = '', index = 0, create = false } = options
  const parts = [formatId(id), fieldPath]
  if (delimiter !== '' || create) parts.push(`${delimiter}(${index}), create=${create}`)
  return parts.filter((it) => it !== '').join(':')
}

/** The part between delimiters that is meant. */
function refine(field: YamlNode, { delimiter = '', index = 0 }: FieldOptions): YamlNode {
  if (delimiter === '') return field
  if (field.kind !== 'scalar') {
    throw new KustomizeError('FIELD_INVALID', 'delimiter option can only be used with scalar nodes')
  }
  const part = field.value.split(delimiter)[index]
  if (index < 0 || part === undefined) {
    throw new KustomizeError(
      'FIELD_INVALID',
      `options.index ${index} is out of bounds for value ${field.value}`,
    )
  }
  const copy = field.copy()
  copy.value = part
  return copy
}

function applyToTargets(resources: readonly Resource[], target: ReplacementTarget, value: YamlNode): void {
  const { select, reject = [], fieldPaths = [], options = {} } = target
  if (!select) throw new KustomizeError('PLUGIN_INVALID', 'target must specify resources to select')
  const { selected, rejections } = during('error creating target selector', () => ({
    selected: idMatcher(select),
    rejections: reject.filter(namesAnId).map(idMatcher),
  }))
  const metadata = metadataMatcher(select)
  const rejectedMetadata = reject.filter(selectsMetadata).map(metadataMatcher)
  const paths = fieldPaths.length === 0 ? [defaultFieldPath] : fieldPaths
  for (const resource of resources) {
    if (!metadata(resource) || rejectedMetadata.some((it) => it(resource))) continue
    const ids = plainIds(resource)
    if (rejections.some((it) => ids.some(it)) || !ids.some(selected)) continue
    for (const path of paths) copyTo(resource, path, { value, options })
  }
}

function copyTo(
  { node }: Resource,
  path: string,
  { value, options }: { value: YamlNode; options: FieldOptions },
): void {
  const create = options.create ? creatableKind(value) : undefined
  if (setInStructuredText(node, path, { value, options, create })) return
  const verb = create ? 'find or create' : 'find'
  const problem = `unable to ${verb} field ${quote(path)} in replacement target`
  const fields = during(problem, () => matchPath(node, splitFieldPath(path), create))
  if (fields.length === 0) throw new KustomizeError('FIELD_INVALID', problem)
  for (const field of fields) setReplacement(options, field, value)
}

function creatableKind({ kind }: YamlNode): 'scalar' | 'mapping' | 'sequence' {
  return kind === 'mapping' || kind === 'sequence' ? kind : 'scalar'
}

/** The identities it has and had, none of them known to be cluster-wide, as replacements see them. */
function plainIds(resource: Resource): ResId[] {
  return [{ ...resource.id, clusterScoped: false }, ...resource.formerIds]
}

function isSelectedBy(id: ResId, selector: ReplacementSource): boolean {
  const { name = '', namespace = '' } = selector
  if (name !== '' && name !== id.name) return false
  if (namespace !== '' && effectiveNamespace({ ...id, namespace }) !== effectiveNamespace(id)) return false
  return isSelected(id, selector)
}

function idMatcher(selector: Selector): (id: ResId) => boolean {
  const { matchesGvk, matchesName, matchesNamespace } = compileSelector(selector)
  return (id) => matchesGvk(id) && matchesName(id.name) && matchesNamespace(id.namespace)
}

function namesAnId({ group, version, kind, name, namespace }: Selector): boolean {
  return [group, version, kind, name, namespace].some((it) => it !== undefined && it !== '')
}

function selectsMetadata({ labelSelector = '', annotationSelector = '' }: Selector): boolean {
  return labelSelector !== '' || annotationSelector !== ''
}

function metadataMatcher({
  labelSelector = '',
  annotationSelector = '',
}: Selector): (it: Resource) => boolean {
  const labels = compileLabelSelector(labelSelector)
  const annotations = compileLabelSelector(annotationSelector)
  return (it) => annotations(it.annotations) && labels(it.labels)
}
