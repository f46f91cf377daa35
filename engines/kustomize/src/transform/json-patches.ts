import { jsonPatch } from '@sluice/merge'
import { fromPlain, type PlainValue, parsePlain, toPlain } from '@sluice/yaml'
import { during, KustomizeError } from '../errors.ts'
import type { Patch } from '../kustomization/types.ts'
import type { Loader } from '../loading/loader.ts'
import { internalPrefix } from '../resource/build-annotations.ts'
import { formatId } from '../resource/res-id.ts'
import type { Resource } from '../resource/resource.ts'
import { selectResources } from '../select/selector.ts'
import type { Transformer } from './transformer.ts'

/** The operations of a JSON patch. */
export type JsonPatch = readonly PlainValue[]

/** Annotations that a JSON patch does not take away. */
const keptAnnotations = new Set([
  'config.kubernetes.io/path',
  'config.kubernetes.io/index',
  'config.k8s.io/id',
])

/** Reads a JSON patch in JSON or YAML. @throws when it is none. */
export function parseJsonPatch(text: string): JsonPatch {
  if (text === '') throw new KustomizeError('PLUGIN_INVALID', 'empty json patch operations')
  const value: PlainValue = text.startsWith('[') ? JSON.parse(text) : parsePlain(text)
  if (!Array.isArray(value) || !value.every(isObject)) {
    throw new KustomizeError('PLUGIN_INVALID', 'a JSON patch is a list of operations')
  }
  return value
}

/** Changes one resource. What became of its types on the way through JSON is seen in the output. */
export function applyJsonPatchTo(resource: Resource, patch: JsonPatch): void {
  const kept = [...resource.annotations].filter(
    ([name]) => name.startsWith(internalPrefix) || keptAnnotations.has(name),
  )
  const patched = jsonPatch(toPlain(resource.node), patch)
  if (!isObject(patched)) {
    throw new KustomizeError('FIELD_INVALID', 'a JSON patch has left no object')
  }
  resource.node = fromPlain(patched as PlainValue)
  resource.setAnnotations(new Map([...resource.annotations, ...kept]))
}

/** A JSON patch of the older field. */
export function jsonPatchTransformer({ target, path = '', patch = '' }: Patch, loader: Loader): Transformer {
  const what = path === '' ? 'JSON patch' : `JSON patch '${path}'`
  if (!target?.name) throw new KustomizeError('PLUGIN_INVALID', `${what}: must specify the target name`)
  if (path === '' && patch === '') {
    throw new KustomizeError('PLUGIN_INVALID', 'empty file path and empty jsonOp')
  }
  if (path !== '' && patch !== '') {
    throw new KustomizeError('PLUGIN_INVALID', 'must specify a file path or jsonOp, not both')
  }
  const text = path === '' ? patch : loader.load(path)
  if (text === '') throw new KustomizeError('PLUGIN_INVALID', `patch file '${path}' seems to be empty`)
  const operations = during(`decoding ${what}`, () => parseJsonPatch(text))
  if (operations.length === 0) {
    throw new KustomizeError('PLUGIN_INVALID', `patch appears to be empty; file=${path}`)
  }
  return (resources) => {
    for (const it of selectResources(resources.all, target)) {
      during(`applying ${what} to ${formatId(it.id)}`, () => applyJsonPatchTo(it, operations))
    }
    resources.changed()
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
