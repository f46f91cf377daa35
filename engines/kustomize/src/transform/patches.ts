import { quote } from '@sluice/go'
import { mergeNodes, type NodeSchemas } from '@sluice/merge'
import type { YamlNode } from '@sluice/yaml'
import { during, inFile, KustomizeError } from '../errors.ts'
import type { Patch, Selector } from '../kustomization/types.ts'
import type { Loader } from '../loading/loader.ts'
import { readResources } from '../resource/read-resources.ts'
import { formatId, idKey } from '../resource/res-id.ts'
import type { Resource } from '../resource/resource.ts'
import type { ResourceList } from '../resource/resource-list.ts'
import { selectResources } from '../select/selector.ts'
import { applyJsonPatchTo, type JsonPatch, parseJsonPatch } from './json-patches.ts'
import type { Transformer } from './transformer.ts'

/** What patches need besides themselves. */
export type PatchContext = { readonly loader: Loader; readonly schemas: NodeSchemas }

/**
 * A patch of either kind, from a file or in line.
 *
 * @param config what the transformer was configured with, for messages
 */
export function patchTransformer(patch: Patch, context: PatchContext, config: () => string): Transformer {
  const text = patch.patch?.trim() ?? ''
  const { path = '', target, options = {} } = patch
  if (text === '' && path === '') throw invalid(`must specify one of patch and path in\n${config()}`)
  if (text !== '' && path !== '') {
    throw invalid(`patch and path can't be set at the same time\n${config()}`)
  }
  const source = path === '' ? `[patch: ${quote(text)}]` : `[path: ${quote(path)}]`
  const loaded = path === '' ? text : loadPatch(context.loader, path)
  const parsed = parsePatch(loaded, source)
  if (parsed.json) {
    const { json } = parsed
    return (resources) => {
      if (!target) throw invalid(`must specify a target for JSON patch ${source}`)
      for (const it of selectResources(resources.all, target)) {
        it.rememberId()
        applyJsonPatchTo(it, json)
      }
      resources.changed()
    }
  }
  const { merges } = parsed
  for (const it of merges) {
    it.allowNameChange ||= options.allowNameChange ?? false
    it.allowKindChange ||= options.allowKindChange ?? false
  }
  return (resources) => {
    if (!target) return applyToOwnTargets(resources, merges, context)
    const [merge, another] = merges
    if (another) {
      throw invalid(
        `Multiple Strategic-Merge Patches in one \`patches\` entry is not allowed to set \`patches.target\` field: ${source}`,
      )
    }
    if (!merge) return
    const selected = during(
      `unable to find patch target ${quote(selectorText(target))} in \`resources\``,
      () => selectResources(resources.all, target),
    )
    applyToSelected(resources, selected, merge, context)
  }
}

/** Strategic merge patches of the older field, each to the one resource it names. */
export function strategicMergeTransformer(
  { paths, patches = '' }: { readonly paths: readonly string[]; readonly patches?: string },
  context: PatchContext,
): Transformer {
  if (paths.length === 0 && patches === '') throw invalid('empty file path and empty patch content')
  const merges = [
    ...paths.flatMap((it) => loadMerges(it, context.loader)),
    ...(patches === '' ? [] : readResources(patches)),
  ]
  if (merges.length === 0) {
    throw invalid(`patch appears to be empty; files=[${paths.join(' ')}], Patch=${patches}`)
  }
  return (resources) => {
    for (const merge of merges) {
      const target = targetOf(resources, merge)
      applyToSelected(resources, [target], merge, context)
    }
  }
}

function selectorText({ annotationSelector = '', labelSelector = '', ...id }: Selector): string {
  return `${formatId(id)}:a=${annotationSelector}:l=${labelSelector}`
}

type ParsedPatch =
  | { readonly json: JsonPatch; readonly merges: readonly never[] }
  | { readonly json: undefined; readonly merges: readonly Resource[] }

function parsePatch(text: string, source: string): ParsedPatch {
  const merges = attempt(() => readResources(text))
  const json = attempt(() => parseJsonPatch(text))
  if (merges.value && json.value && merges.value.length > 0 && json.value.length > 0) {
    throw invalid(`illegally qualifies as both an SM and JSON patch: ${source}`)
  }
  if (merges.value) return { json: undefined, merges: merges.value }
  if (json.value) return { json: json.value, merges: [] }
  throw new KustomizeError('RESOURCE_INVALID', `unable to parse SM or JSON patch from ${source}`)
}

function attempt<T>(step: () => T): { value?: T } {
  try {
    return { value: step() }
  } catch {
    // A text that is no patch of one form may be one of the other, or a path.
    return {}
  }
}

function loadPatch(loader: Loader, path: string): string {
  return during(`failed to get the patch file from path(${path})`, () => loader.load(path))
}

/** An entry is a patch itself, or the path of a file of patches. */
function loadMerges(entry: string, loader: Loader): Resource[] {
  const inline = attempt(() => readResources(entry))
  if (inline.value) return inline.value
  return inFile(entry, () => readResources(loader.load(entry)))
}

function applyToOwnTargets(
  resources: ResourceList,
  merges: readonly Resource[],
  { schemas }: PatchContext,
): void {
  for (const merge of merges) {
    const what = `no resource matches strategic merge patch ${quote(formatId(merge.originalId))}`
    const target = during(what, () => targetOf(resources, merge))
    mergeInto(target, merge, schemas)
    resources.changed()
  }
}

function targetOf(resources: ResourceList, merge: Resource): Resource {
  const id = merge.originalId
  const [target, another] = resources.withAnyId(idKey(id))
  if (target && !another) return target
  const found = target ? 'multiple matches' : 'no matches'
  throw new KustomizeError(
    'TARGET_INVALID',
    `${found} for Id ${formatId(id)}; failed to find unique target for patch ${formatId(id)}`,
  )
}

function applyToSelected(
  resources: ResourceList,
  selected: readonly Resource[],
  merge: Resource,
  { schemas }: PatchContext,
): void {
  for (const resource of selected) {
    const copy = merge.copy()
    copy.takeMetadataOf(merge)
    copy.setGvk(resource.gvk)
    copy.setKind(merge.kind)
    mergeInto(resource, copy, schemas)
  }
  resources.changed()
  resources.dropEmpty()
  if (merge.allowNameChange || merge.allowKindChange) {
    resources.expectDistinct()
  }
}

function mergeInto(resource: Resource, patch: Resource, schemas: NodeSchemas): void {
  const { name, namespace, kind } = resource
  const { allowNameChange, allowKindChange } = patch
  if (allowNameChange || allowKindChange) resource.rememberId()
  const merged: YamlNode | undefined = mergeNodes(resource.node, patch.node, { schemas, newItems: 'first' })
  if (!merged) {
    resource.deleted = true
    return
  }
  resource.node = merged
  if (resource.isEmpty) return
  if (!allowKindChange) resource.setKind(kind)
  if (!allowNameChange) resource.setName(name)
  resource.setNamespace(namespace)
}

function invalid(message: string): KustomizeError {
  return new KustomizeError('PLUGIN_INVALID', message)
}
