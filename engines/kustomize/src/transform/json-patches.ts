import { jsonPatch } from '@sluice/merge'
import { fromPlain, type PlainValue, parseJson, parsePlain, toPlain } from '@sluice/yaml'
import { during, KustomizeError } from '../errors.ts'
import { decodeObject, type Struct } from '../kustomization/decode.ts'
import type { Selector } from '../kustomization/types.ts'
import type { Loader } from '../loading/loader.ts'
import { internalPrefix } from '../resource/build-annotations.ts'
import type { Resource } from '../resource/resource.ts'
import { selectResources } from '../select/selector.ts'
import { goJson } from './go-json.ts'
import type { Transformer } from './transformer.ts'

/** The operations of a JSON patch. */
export type JsonPatch = readonly PlainValue[]

const decoding = { strict: false, converts: false }

/** Annotations that a JSON patch does not take away. */
const keptAnnotations = new Set([
  'config.kubernetes.io/path',
  'config.kubernetes.io/index',
  'config.k8s.io/id',
])

/** Reads a JSON patch in JSON or YAML. @throws when it is none. */
export function parseJsonPatch(text: string): JsonPatch {
  if (text === '') throw new KustomizeError('PLUGIN_INVALID', 'empty json patch operations')
  const value = text.startsWith('[') ? (parseJson(text) as PlainValue) : parsePlain(text)
  if (value === null) return []
  if (!Array.isArray(value)) {
    const kind = isObject(value) ? 'object' : typeof value === 'boolean' ? 'bool' : typeof value
    const message = `json: cannot unmarshal ${kind} into Go value of type jsonpatch.Patch`
    throw new KustomizeError('PLUGIN_INVALID', message)
  }
  const operation: Struct = { struct: 'Operation', goPackage: 'jsonpatch', fields: {} }
  for (const it of value) decodeObject(it, operation, decoding)
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

/** A JSON patch of the older field, from a file or in line. */
export type OldJsonPatch = {
  readonly target?: Selector | undefined
  readonly path?: string | undefined
  readonly jsonOp?: string | undefined
}

export function jsonPatchTransformer(
  { target, path = '', jsonOp = '' }: OldJsonPatch,
  loader: Loader,
): Transformer {
  if (!target?.name) throw new KustomizeError('PLUGIN_INVALID', 'must specify the target name')
  if (path === '' && jsonOp === '') {
    throw new KustomizeError('PLUGIN_INVALID', 'empty file path and empty jsonOp')
  }
  if (path !== '' && jsonOp !== '') {
    throw new KustomizeError('PLUGIN_INVALID', 'must specify a file path or jsonOp, not both')
  }
  const text = path === '' ? jsonOp : loader.load(path)
  if (text === '') {
    throw new KustomizeError('PLUGIN_INVALID', `patch file '${path}' empty seems to be empty`)
  }
  const json = text.startsWith('[') ? text : goJson(parsePlain(text))
  const operations = during(`decoding ${json}`, () => parseJsonPatch(json))
  if (operations.length === 0) {
    throw new KustomizeError('PLUGIN_INVALID', `patch appears to be empty; file=${path}, JsonOp=${json}`)
  }
  return (resources) => {
    for (const it of selectResources(resources.all, target)) applyJsonPatchTo(it, operations)
    resources.changed()
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
