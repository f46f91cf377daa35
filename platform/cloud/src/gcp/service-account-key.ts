import { createSign } from 'node:crypto'
import type { CloudCall, CloudToken } from '../cloud-call.ts'
import { CloudError } from '../cloud-error.ts'
import { askJson, parseObject, textField } from '../exchange.ts'

/** What a key file of a Google service account holds, as far as it is needed. */
export type GoogleServiceAccount = {
  readonly clientEmail: string
  /** PEM. */
  readonly privateKey: string
  readonly tokenUri: string
}

const tokenLifeSeconds = 3_600

/** Reads a key file. @throws {CloudError} without repeating any of it. */
export function parseServiceAccount(text: string): GoogleServiceAccount {
  const fields = parseObject(text) ?? {}
  const { client_email: clientEmail, private_key: privateKey, token_uri: tokenUri } = fields
  if (typeof clientEmail !== 'string' || typeof privateKey !== 'string') {
    throw new CloudError('the service account is not valid')
  }
  const uri = typeof tokenUri === 'string' ? tokenUri : 'https://oauth2.googleapis.com/token'
  return { clientEmail, privateKey, tokenUri: uri }
}

/** Source: https://developers.google.com/identity/protocols/oauth2/service-account */
export async function serviceAccountToken(
  { clientEmail, privateKey, tokenUri }: GoogleServiceAccount,
  scope: string,
  call: CloudCall,
): Promise<CloudToken> {
  const issued = Math.floor(call.now() / 1000)
  const claims = { iss: clientEmail, scope, aud: tokenUri, iat: issued, exp: issued + tokenLifeSeconds }
  const unsigned = `${encode({ alg: 'RS256', typ: 'JWT' })}.${encode(claims)}`
  const form = {
    grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    assertion: `${unsigned}.${signWith(privateKey, unsigned)}`,
  }
  const what = 'oauth2: cannot fetch token'
  const answer = await askJson({ method: 'POST', url: tokenUri, form }, call, what)
  const seconds = Number(answer['expires_in'] ?? tokenLifeSeconds)
  return { token: textField(answer, 'access_token', what), expiresAt: call.now() + seconds * 1000 }
}

function signWith(privateKey: string, text: string): string {
  try {
    return createSign('RSA-SHA256').update(text).sign(privateKey, 'base64url')
  } catch {
    // OpenSSL's own words could repeat a part of the key.
    throw new CloudError('the key of the service account cannot be used')
  }
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
