import type { KubeObject } from '@sluice/ports'
import { strategyOf } from '../kinds/strategies.ts'
import { decodeTyped } from '../kinds/typed-decode.ts'
import { storageKey } from '../registry/api-resource.ts'
import { writeOptions } from '../request/options.ts'
import { invalidValue } from '../status/field-error.ts'
import { badRequest, conflict, invalid, notFound, printResource } from '../status/status-error.ts'
import type { Answer, Call, Core } from './call.ts'
import { changeObject } from './change.ts'
import { fromStorage } from './convert.ts'
import { checkNamespaceMatch, createDecoded, nameMismatch } from './create.ts'
import { decodeObject } from './decode.ts'
import { timestamp } from './metadata.ts'
import { recordUpdate, writeContext } from './ownership.ts'
import { present } from './views.ts'

/** Replaces an object, or its status. */
export async function updateObject(core: Core, call: Call): Promise<Answer> {
  const { resource, subresource } = call
  const strategy = strategyOf(resource)
  const options = writeOptions(call.query, { kind: 'UpdateOptions', userAgent: call.userAgent })
  const decoded = decodeTyped(decodeObject(call), call, options.fieldValidation)
  checkName(decoded, call)
  checkNamespaceMatch(decoded, call)
  const object = strategy.applyDefaults?.(decoded) ?? decoded
  const isThere = core.storage.get(storageKey(resource, call.namespace, call.name)) !== undefined
  if (!isThere && strategy.createsOnUpdate && subresource === '') {
    const created = await createDecoded(core, call, { object, options })
    return { status: 201, body: present(fromStorage(created, resource), call, core.clock.now()) }
  }
  if (!isThere) throw notFound(resource, call.name)
  checkConditions(core, call, object)
  const context = writeContext(resource, {
    manager: options.fieldManager,
    subresource,
    now: timestamp(core.clock),
  })
  const stored = await changeObject(core, call, {
    dryRun: options.dryRun,
    isConditional: (next) => (next.metadata.resourceVersion ?? '') !== '',
    next: (current) => recordUpdate(current, onlyOwnPart(object, current, call), context),
  })
  return { status: 200, body: present(fromStorage(stored, resource), call, core.clock.now()) }
}

/** Through the status endpoint only the status changes, through the main one everything else. */
export function onlyOwnPart(
  next: KubeObject,
  current: KubeObject,
  { resource, subresource }: Call,
): KubeObject {
  const partOf = strategyOf(resource).partOfSubresource?.[subresource]
  if (partOf) return { ...partOf(next, current), metadata: requestMeta(next, current) }
  const hasStatus = resource.custom
    ? resource.custom.hasStatus
    : resource.subresources.some((it) => it.name === 'status')
  if (subresource === 'status' && !resource.custom) {
    // Annotations and the like travel with the status of built-in kinds; labels do not.
    const { labels: _, ...metadata } = next.metadata
    const { labels } = current.metadata
    return withField(current, 'status', next['status'], { ...metadata, ...(labels ? { labels } : {}) })
  }
  if (subresource === 'status') {
    return withField(current, 'status', next['status'], requestMeta(next, current))
  }
  return hasStatus && subresource === '' ? withField(next, 'status', current['status'], next.metadata) : next
}

/** The current metadata with what a request says about itself in it. */
function requestMeta({ metadata }: KubeObject, current: KubeObject): KubeObject['metadata'] {
  const { managedFields, resourceVersion, uid } = metadata
  return {
    ...current.metadata,
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
    ...(uid === undefined ? {} : { uid }),
    ...(managedFields === undefined ? {} : { managedFields }),
  }
}

function withField(
  object: KubeObject,
  field: string,
  value: unknown,
  metadata: KubeObject['metadata'],
): KubeObject {
  const { [field]: _, ...rest } = object
  return { ...rest, metadata, ...(value === undefined ? {} : { [field]: value }) } as KubeObject
}

function checkName(object: KubeObject, { name }: Call): void {
  const own = object.metadata.name ?? ''
  if (own === '') {
    throw badRequest(
      `name must be provided: the name of the object (${own} based on URL) was undeterminable: name must be provided`,
    )
  }
  if (own !== name) throw badRequest(nameMismatch(own, name))
}

/** A uid in the object must be the live one's; some kinds want a resourceVersion. */
function checkConditions({ storage }: Core, { resource, namespace, name }: Call, object: KubeObject): void {
  const { uid = '', resourceVersion = '' } = object.metadata
  const key = storageKey(resource, namespace, name)
  const current = storage.get(key)
  if (uid !== '' && current && current.metadata.uid !== uid) {
    throw conflict(
      resource,
      name,
      `StorageError: invalid object, Code: 4, Key: /registry/${printResource(resource)}/${namespace === '' ? '' : `${namespace}/`}${name}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${uid}, UID in object meta: ${current.metadata.uid}`,
    )
  }
  const needsVersion = resource.custom !== undefined || strategyOf(resource).needsResourceVersion === true
  if (needsVersion && resourceVersion === '') {
    throw invalid({ group: resource.group, kind: resource.plural }, name, [
      invalidValue('metadata.resourceVersion', 0, 'must be specified for an update'),
    ])
  }
}
