import { sprintf } from '@sluice/go'
import type { JsonValue, KubeObject } from '@sluice/ports'
import { parseJsonGo } from '@sluice/yaml'
import { invalidValue } from '../status/field-error.ts'
import { invalid } from '../status/status-error.ts'

/**
 * The refusal of a patch that makes of an object what its kind cannot be. It shows the result, as JSON, or of a strategic
 * merge the patch: that goes into Go's types without any JSON in between, which has less to say about what is wrong.
 *
 * @param why in the words of Go's JSON decoder
 */
export function unreadablePatch(
  why: string,
  shown: { readonly patched: KubeObject } | { readonly patch: JsonValue },
): Error {
  const error =
    'patch' in shown
      ? invalidValue('patch', goText(shown.patch), conversionProblem(why))
      : invalidValue('patch', JSON.stringify(shown.patched), why)
  return invalid({ group: '', kind: '' }, '', [error])
}

function goText(patch: JsonValue): string {
  return sprintf('%+v', [parseJsonGo(JSON.stringify(patch), 'json.Number')])
}

const kinds: ReadonlyMap<string, string> = new Map([
  ['array', 'slice'],
  ['number', 'int64'],
  ['object', 'map'],
])

/** Source: https://pkg.go.dev/k8s.io/apimachinery/pkg/runtime#UnstructuredConverter, by its messages */
function conversionProblem(why: string): string {
  const mismatch = /^json: cannot unmarshal (\w+)(?: \S+)? into Go struct field \S+ of type (.+)$/.exec(why)
  if (!mismatch) return why
  const [, json = '', type = ''] = mismatch
  const kind = kinds.get(json) ?? json
  if (type.startsWith('[]')) return `cannot restore slice from ${kind}`
  if (type.startsWith('map[')) return `cannot restore map from ${kind}`
  return type.includes('.') ? `cannot restore struct from: ${kind}` : `unrecognized type: ${type}`
}
