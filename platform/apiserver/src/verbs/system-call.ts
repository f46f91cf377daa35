import { administrator } from '../request/user.ts'
import { unknownResource } from '../status/status-error.ts'
import type { Call, Core } from './call.ts'

export type SystemTarget = {
  readonly group: string
  readonly version: string
  readonly plural: string
  readonly namespace?: string
  readonly name: string
  readonly subresource?: string
}

const never = new AbortController().signal

/** A call that the server makes to itself. @throws {ApiError} when there is no such resource */
export function systemCall(core: Core, target: SystemTarget): Call {
  const resource = core.registry.find(target.group, target.version, target.plural)
  if (!resource) throw unknownResource()
  return {
    resource,
    namespace: target.namespace ?? '',
    name: target.name,
    subresource: target.subresource ?? '',
    query: {},
    user: administrator,
    userAgent: 'kube-apiserver',
    body: undefined,
    contentType: 'application/json',
    accept: '',
    signal: never,
    warnings: [],
  }
}
