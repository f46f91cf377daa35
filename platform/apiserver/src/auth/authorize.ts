import type { RequestInfo } from '../request/request-info.ts'
import type { User } from '../request/user.ts'
import { forbidden, statusError } from '../status/status-error.ts'
import type { Storage } from '../storage/storage.ts'
import { type Attributes, decide } from './rbac.ts'

/** Refuses what a user may not do. @throws {ApiError} Forbidden */
export type Authorize = (user: User, attributes: Attributes) => void

export function authorizer(storage: Storage): Authorize {
  return (user, attributes) => {
    if (!decide(storage, user, attributes).allowed) throw refusal(user, attributes)
  }
}

/** What a request wants to do. */
export function attributesOf(info: RequestInfo): Attributes {
  if (info.kind === 'other') return { kind: 'path', verb: info.verb, path: info.path }
  const { verb, group, plural, subresource, namespace, name } = info
  const resource = subresource === '' ? plural : `${plural}/${subresource}`
  return { kind: 'resource', verb, group, resource, namespace, name }
}

function refusal({ name: user }: User, attributes: Attributes): Error {
  const who = `User ${JSON.stringify(user)} cannot ${attributes.verb}`
  if (attributes.kind === 'path') {
    return statusError(403, 'Forbidden', {
      message: `forbidden: ${who} path ${JSON.stringify(attributes.path)}`,
      details: {},
    })
  }
  const { group, resource, namespace, name } = attributes
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace ${JSON.stringify(namespace)}`
  const [plural = ''] = resource.split('/')
  return forbidden({ group, plural }, name, {
    cause: `${who} resource ${JSON.stringify(resource)} in API group ${JSON.stringify(group)} ${where}`,
  })
}
