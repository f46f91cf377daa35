import { timingSafeEqual } from 'node:crypto'
import type { User } from '../request/user.ts'

export type Headers = Readonly<Record<string, string | string[] | undefined>>
export type ClientCertificate = { readonly name: string; readonly organizations: readonly string[] }

/** Who sends a request; `undefined` when nothing proves it. */
export type Authenticate = (headers: Headers, certificate: ClientCertificate | undefined) => User | undefined

/** Reads a bearer token; `undefined` when it is not one of those that this source knows. */
export type TokenSource = (token: string) => User | undefined

/** The group of everyone who has been recognised. */
export const authenticatedGroup = 'system:authenticated'

/** Recognises client certificates that our CA signed, and bearer tokens of the given sources. Anonymous is off. */
export function authenticator(sources: readonly TokenSource[]): Authenticate {
  return (headers, certificate) => {
    const { authorization } = headers
    const token = /^Bearer +(.+)$/i.exec(typeof authorization === 'string' ? authorization : '')?.[1]?.trim()
    if (token !== undefined) {
      for (const source of sources) {
        const user = source(token)
        if (user) return withGroup(user)
      }
      // A token that is not known is not made good by a certificate.
      return undefined
    }
    return certificate && withGroup({ name: certificate.name, groups: certificate.organizations })
  }
}

/** A source that knows one token. */
export function staticToken(secret: string, user: User): TokenSource {
  const expected = Buffer.from(secret)
  return (token) => {
    const given = Buffer.from(token)
    return given.length === expected.length && timingSafeEqual(given, expected) ? user : undefined
  }
}

function withGroup(user: User): User {
  return user.groups.includes(authenticatedGroup)
    ? user
    : { ...user, groups: [...user.groups, authenticatedGroup] }
}
