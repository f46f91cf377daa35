import {
  ApplyConflictError,
  applyConfiguration,
  checkTyped,
  jsonPatch,
  mergePatch,
  PatchError,
  strategicMerge,
  TypedPatchError,
} from '@sluice/merge'
import { isKubeObject, type JsonObject, type JsonValue, type KubeObject } from '@sluice/ports'
import { textOf } from '../kinds/json-fields.ts'
import { strategyOf } from '../kinds/strategies.ts'
import { decodeTyped } from '../kinds/typed-decode.ts'
import { type ApiResource, groupVersionOf, storageKey } from '../registry/api-resource.ts'
import { type WriteOptions, writeOptions } from '../request/options.ts'
import {
  alreadyExists,
  badRequest,
  conflict,
  modified,
  notFound,
  statusError,
  unsupportedMediaType,
} from '../status/status-error.ts'
import { isStorageError } from '../storage/storage.ts'
import type { Answer, Call, Core } from './call.ts'
import { changeObject } from './change.ts'
import { fromStorage } from './convert.ts'
import { checkNamespaceMatch, createDecoded, nameMismatch } from './create.ts'
import { isObject, mediaType, parseBody } from './decode.ts'
import { fieldsOfText } from './duplicate-fields.ts'
import { timestamp, withMeta } from './metadata.ts'
import {
  asJson,
  currentManagers,
  emptyObject,
  recordUpdate,
  withManagers,
  writeContext,
} from './ownership.ts'
import { unreadablePatch } from './unreadable-patch.ts'
import { onlyOwnPart } from './update.ts'
import { present } from './views.ts'

const jsonPatchType = 'application/json-patch+json'
const mergePatchType = 'application/merge-patch+json'
const strategicType = 'application/strategic-merge-patch+json'
const applyType = 'application/apply-patch+yaml'
const applyJsonType = 'application/apply-patch+json'

export async function patchObject(core: Core, call: Call): Promise<Answer> {
  const type = mediaType(call.contentType)
  const isApply = type === applyType || type === applyJsonType
  checkType(type, call.resource)
  const options = writeOptions(call.query, { kind: 'PatchOptions', userAgent: call.userAgent, isApply })
  return isApply ? applyObject(core, call, options) : patchExisting(core, call, options)
}

function checkType(type: string, { custom }: ApiResource): void {
  const known = [jsonPatchType, mergePatchType, strategicType, applyType, applyJsonType]
  if (!known.includes(type)) {
    throw statusError(415, 'UnsupportedMediaType', { message: '415: Unsupported Media Type', details: {} })
  }
  if (custom && type === strategicType) throw unsupportedMediaType([jsonPatchType, mergePatchType, applyType])
}

async function patchExisting(core: Core, call: Call, options: WriteOptions): Promise<Answer> {
  const { resource, subresource } = call
  const sent = parseBody(call, (why) => badRequest(`error decoding patch: ${why}`))
  const patch = formOfPatch(sent, mediaType(call.contentType))
  const context = writeContext(resource, {
    manager: options.fieldManager,
    subresource,
    now: timestamp(core.clock),
  })
  const strategy = strategyOf(resource)
  const stored = await changeObject(core, call, {
    dryRun: options.dryRun,
    // A patch that brings no resourceVersion of its own is tried again.
    isConditional: () =>
      isObject(patch) && isObject(patch.metadata) && patch.metadata.resourceVersion !== undefined,
    next: (current) => {
      const patched = patchedObject(current, patch, call)
      const decoded = decodeTyped(patched, call, options.fieldValidation, (why) =>
        unreadablePatch(why, mediaType(call.contentType) === strategicType ? { patch } : { patched }),
      )
      const object = strategy.applyDefaults?.(decoded) ?? decoded
      checkName(object, call)
      return recordUpdate(current, onlyOwnPart(object, current, call), context)
    },
  })
  return { status: 200, body: present(fromStorage(stored, resource), call, core.clock.now()) }
}

/** Where the value of a patch has to be of this form, nothing at all is an empty patch. */
type Patch = JsonObject | readonly JsonValue[]

/** @throws {ApiError} when the patch is of another form than its type has it, in the words of Go's JSON decoder */
function formOfPatch(patch: JsonValue, type: string): Patch {
  const isList = type === jsonPatchType
  if (patch === null) return isList ? [] : {}
  if (isList ? Array.isArray(patch) : isObject(patch)) return patch as Patch
  const name = typeof patch === 'boolean' ? 'bool' : Array.isArray(patch) ? 'array' : typeof patch
  const wanted = isList ? 'jsonpatch.Patch' : 'map[string]interface {}'
  const why = `json: cannot unmarshal ${name} into Go value of type ${wanted}`
  throw badRequest(type === mergePatchType ? `error decoding patch: ${why}` : why)
}

function patchedObject(current: KubeObject, patch: Patch, call: Call): KubeObject {
  const { resource } = call
  const type = mediaType(call.contentType)
  const document = asJson(current)
  let patched: JsonValue
  try {
    if (!isObject(patch)) patched = jsonPatch(document, patch)
    else if (type === mergePatchType) patched = mergePatch(document, patch)
    else patched = strategicMerge(document, patch, resource.type)
  } catch (error) {
    if (!(error instanceof PatchError)) throw error
    throw patchRefused(error, type)
  }
  const object = isObject(patched)
    ? {
        ...patched,
        apiVersion: groupVersionOf(resource),
        kind: resource.kind,
        metadata: patched.metadata ?? {},
      }
    : patched
  if (!isKubeObject(object)) throw patchRefused(new PatchError('PATCH_NOT_APPLICABLE', ''), jsonPatchType)
  return object
}

function patchRefused(error: PatchError, type: string): Error {
  if (error.code === 'PATCH_TOO_LARGE') {
    return statusError(413, 'RequestEntityTooLarge', { message: error.message })
  }
  if (type !== jsonPatchType) return badRequest(error.message)
  return statusError(422, 'Invalid', {
    message: 'the server rejected our request due to an error in our request',
    details: {},
  })
}

async function applyObject(core: Core, call: Call, options: WriteOptions): Promise<Answer> {
  const { resource, subresource } = call
  const configuration = decodeConfiguration(call)
  const context = {
    ...writeContext(resource, {
      manager: options.fieldManager,
      subresource,
      now: timestamp(core.clock),
    }),
    force: options.force,
  }
  const problems = checkTyped(asJson(configuration), resource.type)
  if (problems.length > 0) throw typedPatchError(problems, configuration)
  const strategy = strategyOf(resource)
  const apply = (live: KubeObject | undefined): KubeObject => {
    const base = live ?? emptyObject(configuration, context)
    let managers: readonly ReturnType<typeof currentManagers>[number][] = currentManagers(live, base, true)
    if (live && managers.length === 0) managers = beforeFirstApply(live, context)
    try {
      const { managedFields: _, ...metadata } = base.metadata
      const applied = applyConfiguration(
        asJson({ ...base, metadata }),
        asJson(configuration),
        managers,
        context,
      )
      return withManagers(applied.object as unknown as KubeObject, applied.managers)
    } catch (error) {
      if (error instanceof ApplyConflictError) throw conflictStatus(error)
      if (error instanceof TypedPatchError) throw statusError(500, '', { message: error.message })
      throw error
    }
  }
  const read = (object: KubeObject): KubeObject => {
    checkRepeated(call, options)
    const decoded = decodeTyped(object, call, options.fieldValidation)
    return strategy.applyDefaults?.(decoded) ?? decoded
  }
  const key = storageKey(resource, call.namespace, call.name)
  if (!core.storage.get(key)) {
    if (subresource !== '') throw notFound(resource, call.name)
    if ((configuration.metadata.uid ?? '') !== '') {
      throw conflict(resource, call.name, uidOfAbsent(configuration))
    }
    const object = read(apply(undefined))
    const { managedFields } = object.metadata
    try {
      const created = await createDecoded(core, call, {
        object: withMeta(object, { name: call.name, resourceVersion: undefined }),
        options,
        record: (it) => withMeta(it, { managedFields }),
      })
      return { status: 201, body: present(fromStorage(created, resource), call, core.clock.now()) }
    } catch (error) {
      // Someone else made it meanwhile: then this is a change.
      if (!isStorageError(error, 'PRECONDITION_FAILED') && !isAlreadyThere(error, call)) throw error
    }
  }
  const stored = await changeObject(core, call, {
    dryRun: options.dryRun,
    isConditional: () => (configuration.metadata.resourceVersion ?? '') !== '',
    next: (current) => {
      const { resourceVersion = '' } = configuration.metadata
      if (resourceVersion !== '' && resourceVersion !== current.metadata.resourceVersion) {
        throw conflict(resource, call.name, modified)
      }
      return onlyOwnPart(read(apply(current)), current, call)
    },
  })
  return { status: 200, body: present(fromStorage(stored, resource), call, core.clock.now()) }
}

/** A configuration is read as YAML, which knows no paths. */
function checkRepeated({ body, warnings }: Call, { fieldValidation }: WriteOptions): void {
  if (fieldValidation === 'Ignore' || typeof body !== 'string' || !body.startsWith('{')) return
  const { repeated } = fieldsOfText(body)
  if (repeated.length === 0) return
  const lines = repeated.map(
    ({ line, name }) => `  line ${line}: key ${JSON.stringify(name)} already set in map`,
  )
  const why = `error converting YAML to JSON: yaml: unmarshal errors:\n${lines.join('\n')}`
  if (fieldValidation === 'Strict') throw badRequest(`error strict decoding YAML: ${why}`)
  warnings.push(why)
}

function isAlreadyThere(error: unknown, { resource, name }: Call): boolean {
  return error instanceof Error && error.message === alreadyExists(resource, name).message
}

function uidOfAbsent({ metadata }: KubeObject): string {
  return `uid mismatch: the provided object specified uid ${metadata.uid}, and no existing object was found`
}

/** Fields of an object that has no record yet belong to a manager that stands for its past. */
function beforeFirstApply(
  live: KubeObject,
  context: Parameters<typeof recordUpdate>[2],
): ReturnType<typeof currentManagers> {
  const { managedFields: _, ...metadata } = live.metadata
  const plain = { ...live, metadata }
  const recorded = recordUpdate(undefined, plain, { ...context, manager: 'before-first-apply' })
  return currentManagers(recorded, plain, true)
}

function decodeConfiguration(call: Call): KubeObject {
  const { resource } = call
  const value = parseBody(call, (why) =>
    badRequest(`error decoding YAML: error converting YAML to JSON: ${why}`),
  )
  if (!isObject(value)) throw badRequest('error decoding YAML: the configuration is not an object')
  const { apiVersion, kind } = value
  const metadata = value.metadata ?? {}
  if (apiVersion !== groupVersionOf(resource) || kind !== resource.kind) {
    const type = typeof apiVersion === 'string' && apiVersion !== '' ? printVersion(apiVersion) : '/'
    throw badRequest(`invalid object type: ${type}, Kind=${typeof kind === 'string' ? kind : ''}`)
  }
  if (!isObject(metadata)) throw badRequest('metadata of the configuration is not an object')
  if (metadata.managedFields !== undefined && metadata.managedFields !== null) {
    throw badRequest('metadata.managedFields must be nil')
  }
  const object: JsonObject = { ...value, metadata }
  if (!isKubeObject(object)) throw badRequest('the configuration is not a Kubernetes object')
  // A name that is no text is refused for its type.
  if (metadata.name === undefined || typeof metadata.name === 'string') checkName(object, call)
  checkNamespaceMatch(object, call)
  return object
}

function checkName({ metadata }: KubeObject, { name }: Call): void {
  if (metadata.name !== undefined && metadata.name !== name) {
    throw badRequest(nameMismatch(metadata.name, name))
  }
}

function printVersion(apiVersion: string): string {
  return apiVersion.includes('/') ? apiVersion : `/${apiVersion}`
}

function typedPatchError(problems: readonly string[], { apiVersion, kind, metadata }: KubeObject): Error {
  const { message } = new TypedPatchError(problems)
  const name = textOf(metadata.name)
  return statusError(500, '', {
    message: `failed to create typed patch object (${metadata.namespace ?? ''}/${name}; ${printVersion(apiVersion)}, Kind=${kind}): ${message}`,
  })
}

function conflictStatus(error: ApplyConflictError): Error {
  return statusError(409, 'Conflict', {
    message: error.message,
    details: {
      causes: error.conflicts.map(({ message, field }) => ({
        reason: 'FieldManagerConflict',
        message,
        field,
      })),
    },
  })
}
