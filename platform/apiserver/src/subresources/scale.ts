import { jsonPatch, mergePatch, PatchError } from '@sluice/merge'
import type { JsonObject, JsonValue, KubeObject } from '@sluice/ports'
import type { ApiResource } from '../registry/api-resource.ts'
import { writeOptions } from '../request/options.ts'
import type { Verb } from '../request/request-info.ts'
import { invalidValue } from '../status/field-error.ts'
import { badRequest, invalid, unsupportedMediaType } from '../status/status-error.ts'
import type { Answer, Call, Core } from '../verbs/call.ts'
import { changeObject } from '../verbs/change.ts'
import { fromStorage } from '../verbs/convert.ts'
import { nameMismatch } from '../verbs/create.ts'
import { isObject, mediaType, parseBody } from '../verbs/decode.ts'
import { timestamp } from '../verbs/metadata.ts'
import { recordUpdate, writeContext } from '../verbs/ownership.ts'
import { currentObject } from '../verbs/read.ts'

/** The number of replicas of an object, apart from everything else. */
export async function scaleAnswer(core: Core, call: Call, verb: Verb): Promise<Answer> {
  const { resource } = call
  if (verb === 'get') {
    return { status: 200, body: scaleOf(fromStorage(currentObject(core, call), resource), resource) }
  }
  const options = writeOptions(call.query, {
    kind: verb === 'patch' ? 'PatchOptions' : 'UpdateOptions',
    userAgent: call.userAgent,
  })
  const body = parseBody(call, (why) => badRequest(why))
  const context = writeContext(resource, {
    manager: options.fieldManager,
    subresource: 'scale',
    now: timestamp(core.clock),
  })
  const stored = await changeObject(core, call, {
    dryRun: options.dryRun,
    isConditional: (next) => next.metadata.resourceVersion !== undefined,
    next: (current) => {
      const before = scaleOf(current, resource)
      const scale = verb === 'patch' ? patched(call, before, body) : body
      checkName(call, scale)
      const replicas = replicasOf(scale)
      check(call, replicas)
      const next = withReplicas(current, replicas, resource)
      return withoutTime(recordUpdate(current, next, context), current)
    },
  })
  return { status: 200, body: scaleOf(fromStorage(stored, resource), resource) }
}

function checkName({ name }: Call, scale: JsonValue): void {
  const metadata = isObject(scale) && isObject(scale.metadata) ? scale.metadata : {}
  const own = metadata.name ?? name
  if (typeof own === 'string' && own !== name) throw badRequest(nameMismatch(own, name))
}

/** Entries that a scale request makes carry no time, as Kubernetes has it. */
function withoutTime(object: KubeObject, before: KubeObject): KubeObject {
  const known = new Set(before.metadata.managedFields)
  const managedFields = object.metadata.managedFields?.map((entry) => {
    if (entry.subresource !== 'scale' || known.has(entry)) return entry
    const { time: _, ...rest } = entry
    return rest
  })
  return managedFields ? { ...object, metadata: { ...object.metadata, managedFields } } : object
}

function patched(call: Call, before: JsonObject, patch: JsonValue): JsonValue {
  const type = mediaType(call.contentType)
  if (type === 'application/json-patch+json') {
    try {
      return jsonPatch(before, patch)
    } catch (error) {
      if (error instanceof PatchError) throw badRequest(error.message)
      throw error
    }
  }
  if (type.endsWith('merge-patch+json') || type.startsWith('application/apply-patch')) {
    return mergePatch(before, patch)
  }
  throw unsupportedMediaType(['application/json-patch+json', 'application/merge-patch+json'])
}

function replicasOf(scale: JsonValue): number {
  const spec = isObject(scale) ? (scale.spec ?? {}) : {}
  const replicas = isObject(spec) ? (spec.replicas ?? 0) : 0
  if (typeof replicas !== 'number' || !Number.isInteger(replicas)) {
    throw badRequest('spec.replicas is not an integer')
  }
  return replicas
}

function check({ name }: Call, replicas: number): void {
  if (replicas >= 0) return
  throw invalid({ group: 'autoscaling', kind: 'Scale' }, name, [
    invalidValue('spec.replicas', replicas, 'must be greater than or equal to 0'),
  ])
}

function scaleOf(object: KubeObject, resource: ApiResource): JsonObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata
  const { custom } = resource
  const replicas = numberAt(object, custom?.scale?.specReplicasPath ?? '.spec.replicas')
  const current = numberAt(object, custom?.scale?.statusReplicasPath ?? '.status.replicas')
  const selector = custom ? textOf(object, custom.scale?.labelSelectorPath) : printSelector(object)
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: {
      ...(name === undefined ? {} : { name }),
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
    },
    spec: replicas === 0 ? {} : { replicas },
    status: { replicas: current, ...(selector === '' ? {} : { selector }) },
  }
}

function numberAt(object: KubeObject, path: string): number {
  const value = valueAt(object, path)
  return typeof value === 'number' ? value : 0
}

/** The value at a plain path such as `.spec.replicas`. */
function valueAt(object: KubeObject, path: string): unknown {
  let current: unknown = object
  for (const name of path.replace(/^\./, '').split('.')) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, name)) return undefined
    current = (current as Readonly<Record<string, unknown>>)[name]
  }
  return current
}

function textOf(object: KubeObject, path: string | undefined): string {
  const value = path === undefined ? undefined : valueAt(object, path)
  return typeof value === 'string' ? value : ''
}

type Selector = {
  readonly matchLabels?: Readonly<Record<string, string>>
  readonly matchExpressions?: readonly {
    readonly key: string
    readonly operator: string
    readonly values?: readonly string[]
  }[]
}

/** A label selector as text, keys in order. */
function printSelector(object: KubeObject): string {
  const { selector } = object['spec'] as { readonly selector?: Selector | Readonly<Record<string, string>> }
  if (!selector) return ''
  const isPlain = !('matchLabels' in selector) && !('matchExpressions' in selector)
  const { matchLabels = {}, matchExpressions = [] } = isPlain
    ? { matchLabels: selector as Readonly<Record<string, string>> }
    : (selector as Selector)
  const labels = Object.entries(matchLabels).map(([key, value]) => [key, `${key}=${value}`] as const)
  const expressions = matchExpressions.map(({ key, operator, values = [] }) => {
    const list = `(${values.toSorted().join(',')})`
    const texts: Readonly<Record<string, string>> = {
      In: `${key} in ${list}`,
      NotIn: `${key} notin ${list}`,
      Exists: key,
      DoesNotExist: `!${key}`,
    }
    return [key, texts[operator] ?? ''] as const
  })
  return [...labels, ...expressions]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, text]) => text)
    .join(',')
}

function withReplicas(object: KubeObject, replicas: number, { custom }: ApiResource): KubeObject {
  const path = (custom?.scale?.specReplicasPath ?? '.spec.replicas').split('.').filter((it) => it !== '')
  return setAt(object as unknown as JsonObject, path, replicas) as unknown as KubeObject
}

function setAt(object: JsonObject, [name = '', ...rest]: readonly string[], value: number): JsonObject {
  const current = object[name]
  return {
    ...object,
    [name]: rest.length === 0 ? value : setAt(isObject(current) ? current : {}, rest, value),
  }
}
