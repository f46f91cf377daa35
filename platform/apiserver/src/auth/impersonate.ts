import type { User } from '../request/user.ts'
import { badRequest } from '../status/status-error.ts'
import { authenticatedGroup, type Headers } from './authenticate.ts'
import type { Authorize } from './authorize.ts'
import type { Attributes } from './rbac.ts'
import { serviceAccountOf, serviceAccountUser } from './rbac.ts'

/** Who a request wants to act as. */
export type Impersonation = {
  readonly name: string
  readonly groups: readonly string[]
  readonly uid: string | undefined
  readonly extra: Readonly<Record<string, readonly string[]>>
}

const extraPrefix = 'impersonate-extra-'

/** Reads the `Impersonate-*` headers. @throws {ApiError} when there is more to act as than a user */
export function impersonationOf(headers: Headers): Impersonation | undefined {
  const [name] = values(headers['impersonate-user'])
  const groups = values(headers['impersonate-group']).flatMap((it) => it.split(',').map((one) => one.trim()))
  const [uid] = values(headers['impersonate-uid'])
  const extra = Object.fromEntries(
    Object.keys(headers)
      .filter((it) => it.startsWith(extraPrefix))
      .map((it) => [decodeURIComponent(it.slice(extraPrefix.length)), values(headers[it])]),
  )
  if (name !== undefined && name !== '') return { name, groups, uid, extra }
  if (groups.length === 0 && uid === undefined && Object.keys(extra).length === 0) return undefined
  throw badRequest(`requested [{Group  ${groups[0] ?? ''}  }] without impersonating a user`)
}

/** The user to act as, if the asking one may. @throws {ApiError} Forbidden */
export function impersonate(user: User, wanted: Impersonation, authorize: Authorize): User {
  const account = serviceAccountOf(wanted.name)
  const ask = (resource: string, name: string, namespace = ''): void =>
    authorize(user, attributes(resource, name, namespace))
  if (account) ask('serviceaccounts', account.name, account.namespace)
  else ask('users', wanted.name)
  for (const group of wanted.groups) ask('groups', group)
  if (wanted.uid !== undefined) {
    authorize(user, { ...attributes('uids', wanted.uid, ''), group: authentication })
  }
  for (const [key, list] of Object.entries(wanted.extra)) {
    for (const value of list) {
      authorize(user, { ...attributes(`userextras/${key}`, value, ''), group: authentication })
    }
  }
  const own = account && wanted.groups.length === 0 ? serviceAccountUser(account).groups : wanted.groups
  return {
    name: wanted.name,
    groups: own.includes(authenticatedGroup) ? own : [...own, authenticatedGroup],
    ...(wanted.uid === undefined ? {} : { uid: wanted.uid }),
    ...(Object.keys(wanted.extra).length === 0 ? {} : { extra: wanted.extra }),
  }
}

const authentication = 'authentication.k8s.io'

function attributes(
  resource: string,
  name: string,
  namespace: string,
): Extract<Attributes, { readonly kind: 'resource' }> {
  return { kind: 'resource', verb: 'impersonate', group: '', resource, name, namespace }
}

function values(header: string | string[] | undefined): string[] {
  return header === undefined ? [] : [header].flat()
}
