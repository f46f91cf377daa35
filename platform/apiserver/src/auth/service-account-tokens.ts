import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import type { Clock } from '@sluice/ports'
import type { User } from '../request/user.ts'
import type { Storage } from '../storage/storage.ts'
import type { TokenSource } from './authenticate.ts'
import { serviceAccountUser } from './rbac.ts'

export const tokenIssuer = 'https://kubernetes.default.svc.cluster.local'

type Claims = {
  readonly iss: string
  readonly sub: string
  readonly aud: readonly string[]
  readonly exp: number
  readonly iat: number
  readonly nbf: number
  readonly jti: string
  readonly 'kubernetes.io': {
    readonly namespace: string
    readonly serviceaccount: { readonly name: string; readonly uid: string }
  }
}

/** Whom a token is for. */
export type TokenSubject = { readonly namespace: string; readonly name: string; readonly uid: string }

export type ServiceAccountTokens = {
  /** A signed token. Times in seconds since the epoch. */
  readonly issue: (
    subject: TokenSubject,
    options: { readonly audiences: readonly string[]; readonly expires: number; readonly id: string },
  ) => string
  /** The key by which anyone can check tokens, as a JSON web key set. */
  readonly keySet: object
  /** The user of a token that is meant for `audience` and whose account still exists. */
  readonly review: (token: string, audience: string) => User | undefined
}

/** Tokens of service accounts, signed with the elliptic key of the server. */
export function serviceAccountTokens(
  keyPem: string,
  { storage, clock }: { readonly storage: Storage; readonly clock: Clock },
): ServiceAccountTokens {
  const key = createPrivateKey(keyPem)
  const publicKey = createPublicKey(key)
  const keyId = createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64url')
  const webKey = { ...publicKey.export({ format: 'jwk' }), use: 'sig', kid: keyId, alg: 'ES256' }
  return {
    keySet: { keys: [webKey] },
    issue: ({ namespace, name, uid }, { audiences, expires, id }) => {
      const now = Math.floor(clock.now() / 1000)
      const claims: Claims = {
        iss: tokenIssuer,
        sub: `system:serviceaccount:${namespace}:${name}`,
        aud: audiences,
        exp: expires,
        iat: now,
        nbf: now,
        jti: id,
        'kubernetes.io': { namespace, serviceaccount: { name, uid } },
      }
      const text = `${encode({ alg: 'ES256', kid: keyId, typ: 'JWT' })}.${encode(claims)}`
      return `${text}.${sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
    },
    review: (token, audience) => {
      const claims = verified(token, publicKey)
      const now = clock.now() / 1000
      if (!claims || claims.iss !== tokenIssuer || !claims.aud.includes(audience)) return undefined
      if (claims.exp <= now || claims.nbf > now + 60) return undefined
      const { namespace, serviceaccount } = claims['kubernetes.io']
      const { name, uid } = serviceaccount
      // A token dies with its account, also when another takes its name.
      const stored = storage.get(`//serviceaccounts/${namespace}/${name}`)
      return stored?.metadata.uid === uid ? serviceAccountUser({ namespace, name, uid }) : undefined
    },
  }
}

/** Recognises bearers of such tokens. */
export function tokenSource(tokens: ServiceAccountTokens): TokenSource {
  return (token) => tokens.review(token, tokenIssuer)
}

function verified(token: string, key: KeyObject): Claims | undefined {
  const [header = '', claims = '', signature = '', ...rest] = token.split('.')
  if (signature === '' || rest.length > 0) return undefined
  const isGenuine = verify(
    'sha256',
    Buffer.from(`${header}.${claims}`),
    { key, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  )
  // Only what we have signed is looked into, and that is well-formed.
  return isGenuine ? (JSON.parse(Buffer.from(claims, 'base64url').toString()) as Claims) : undefined
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
