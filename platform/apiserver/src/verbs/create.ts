import type { KubeObject } from '@sluice/ports'
import { canonical } from '../builtin/canonical.ts'
import { validateCustom } from '../crd/custom-validation.ts'
import { validateMeta } from '../kinds/object-meta.ts'
import { strategyOf } from '../kinds/strategies.ts'
import { decodeTyped } from '../kinds/typed-decode.ts'
import { warningsOf } from '../kinds/warnings.ts'
import { storageKey } from '../registry/api-resource.ts'
import { type WriteOptions, writeOptions } from '../request/options.ts'
import { alreadyExists, badRequest, invalid, notFound } from '../status/status-error.ts'
import { isStorageError } from '../storage/storage.ts'
import type { AdmissionRequest, Answer, Call, Core } from './call.ts'
import { fromStorage, toStorage } from './convert.ts'
import { decodeObject } from './decode.ts'
import { generatedName, newUid, timestamp, withMeta } from './metadata.ts'
import { recordUpdate, writeContext } from './ownership.ts'
import { present } from './views.ts'
import { floatsOfCall } from './whole-floats.ts'

const generateAttempts = 8

export async function createObject(core: Core, call: Call): Promise<Answer> {
  const options = writeOptions(call.query, { kind: 'CreateOptions', userAgent: call.userAgent })
  const decoded = decodeTyped(decodeObject(call), call, options.fieldValidation)
  const stored = await createDecoded(core, call, { object: decoded, options })
  return { status: 201, body: present(fromStorage(stored, call.resource), call, core.clock.now()) }
}

type Creation = {
  readonly object: KubeObject
  readonly options: WriteOptions
  /** Set by apply, which keeps the record of managed fields itself. */
  readonly record?: (object: KubeObject) => KubeObject
}

/** Creates an object that has been decoded, with a name made up where a prefix is given. */
export async function createDecoded(core: Core, call: Call, creation: Creation): Promise<KubeObject> {
  const { generateName = '', name = '' } = creation.object.metadata
  const attempts = name === '' && generateName !== '' ? generateAttempts : 1
  for (let attempt = 1; ; attempt += 1) {
    try {
      // One try after the other: each has another random name.
      return await createOnce(core, call, creation)
    } catch (error) {
      if (!isStorageError(error, 'PRECONDITION_FAILED')) throw error
      if (attempt >= attempts) {
        throw alreadyExists(call.resource, creation.object.metadata.name ?? generateName)
      }
    }
  }
}

async function createOnce(
  core: Core,
  call: Call,
  { object, options, record }: Creation,
): Promise<KubeObject> {
  const { resource } = call
  const strategy = strategyOf(resource)
  const now = timestamp(core.clock)
  const fresh = prepareMeta(core, call, object)
  const name = fresh.metadata.name ?? ''
  const own = withInitialStatus(fresh, call)
  const defaulted = strategy.applyDefaults?.(own) ?? own
  const context = writeContext(resource, { manager: options.fieldManager, subresource: '', now })
  // What the server itself fills in from here on belongs to no manager.
  const recorded = record ? record(defaulted) : recordUpdate(undefined, defaulted, context)
  const request: AdmissionRequest = {
    operation: 'CREATE',
    call: { ...call, name },
    object: recorded,
    oldObject: undefined,
    dryRun: options.dryRun,
  }
  const admitted = core.admission.mutate(request, recorded)
  const prepared = strategy.prepareCreate?.(admitted, { ...core, subresource: '', now }) ?? admitted
  const made = strategy.hasGeneration || resource.custom ? withMeta(prepared, { generation: 1 }) : prepared
  const errors = [
    ...validateMeta(made, {
      namespaced: resource.namespaced,
      nameProblem: strategy.nameProblem,
    }),
    ...(strategy.validate?.(made) ?? []),
    ...(strategy.validateNew?.(made) ?? []),
    ...(resource.custom
      ? validateCustom(made, {
          custom: resource.custom,
          old: undefined,
          warnings: call.warnings,
          floats: floatsOfCall(call),
        })
      : []),
  ]
  if (errors.length > 0) throw invalid(resource, name, errors)
  call.warnings.push(...warningsOf(made, undefined))
  core.admission.validate({ ...request, object: made })
  checkNamespace(core, call)
  const key = storageKey(resource, call.namespace, name)
  const stored = toStorage(made, resource)
  if (options.dryRun) {
    if (core.storage.get(key)) throw alreadyExists(resource, name)
    return stored
  }
  try {
    return await core.storage.put(key, stored, { kind: 'absent' })
  } catch (error) {
    if (isStorageError(error, 'PRECONDITION_FAILED') && object.metadata.name) {
      throw alreadyExists(resource, name)
    }
    throw error
  }
}

/** What the server sets on every new object, whatever the client sent. */
function prepareMeta(core: Core, call: Call, object: KubeObject): KubeObject {
  const { metadata } = object
  const { resource } = call
  if (metadata.resourceVersion !== undefined && metadata.resourceVersion !== '') {
    throw badRequest('resourceVersion should not be set on objects to be created')
  }
  if (call.name !== '' && metadata.name !== undefined && metadata.name !== call.name) {
    throw badRequest(nameMismatch(metadata.name, call.name))
  }
  checkNamespaceMatch(object, call)
  const { name = call.name, generateName = '' } = metadata
  return withMeta(object, {
    name: name === '' && generateName !== '' ? generatedName(generateName, core.random) : name,
    namespace: resource.namespaced ? call.namespace : undefined,
    uid: newUid(core.random),
    creationTimestamp: timestamp(core.clock),
    deletionTimestamp: undefined,
    deletionGracePeriodSeconds: undefined,
    generation: undefined,
    resourceVersion: undefined,
  })
}

export function nameMismatch(inObject: string, inUrl: string): string {
  return `the name of the object (${inObject}) does not match the name on the URL (${inUrl})`
}

export function checkNamespaceMatch(object: KubeObject, { resource, namespace }: Call): void {
  const own = object.metadata.namespace ?? ''
  if (!resource.namespaced && own === '') return
  if (own !== '' && own !== (resource.namespaced ? namespace : '')) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
  }
}

/** A status is written through its subresource only, where there is one; a creation begins with none. */
function withInitialStatus(object: KubeObject, { resource }: Call): KubeObject {
  const { custom, type } = resource
  if (!custom && strategyOf(resource).keepsStatus) return object
  const hasStatus = custom ? custom.hasStatus : resource.subresources.some((it) => it.name === 'status')
  if (!hasStatus) return object
  const { status: _, ...rest } = object
  const statusType = custom ? undefined : type.properties.get('status')
  return {
    ...rest,
    ...(statusType?.default === undefined ? {} : { status: canonical({}, statusType) }),
  }
}

/** Nothing can be made in a namespace that is not there. */
function checkNamespace({ storage }: Core, { resource, namespace }: Call): void {
  if (!resource.namespaced) return
  if (!storage.get(`//namespaces//${namespace}`)) {
    throw notFound({ group: '', plural: 'namespaces' }, namespace)
  }
}
