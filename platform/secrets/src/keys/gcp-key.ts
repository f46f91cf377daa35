import { createSign } from 'node:crypto'
import type { Clock } from '@sluice/ports'
import type { MasterKey } from '../sops/metadata.ts'
import { SopsError } from '../sops-error.ts'
import { callJson, type KeyServiceHttp, textField } from './http-json.ts'

/** A service account's key as Google hands it out. */
export type GcpCredentials = {
  readonly clientEmail: string
  readonly privateKey: string
  readonly tokenUrl: string
}

const scope = 'https://www.googleapis.com/auth/cloud-platform https://www.googleapis.com/auth/cloudkms'
const defaultTokenUrl = 'https://oauth2.googleapis.com/token'

export function parseGcpCredentials(json: string): GcpCredentials {
  const value = parse(json)
  const { client_email, private_key, token_uri } = value
  if (typeof client_email !== 'string' || typeof private_key !== 'string') {
    throw new SopsError('SOPS_MALFORMED', 'the GCP credentials are no service account key')
  }
  return {
    clientEmail: client_email,
    privateKey: private_key,
    tokenUrl: typeof token_uri === 'string' ? token_uri : defaultTokenUrl,
  }
}

export async function unwrapWithGcp(
  { resourceId, enc }: Extract<MasterKey, { kind: 'gcp_kms' }>,
  {
    credentials,
    clock,
    ...services
  }: KeyServiceHttp & { readonly credentials: GcpCredentials; readonly clock: Clock },
  { signal }: { readonly signal: AbortSignal },
): Promise<Uint8Array> {
  if (!/^projects\/[^/]+\/locations\/[^/]+\/keyRings\/[^/]+\/cryptoKeys\/[^/]+$/.test(resourceId)) {
    throw new SopsError('SOPS_MALFORMED', `no valid resource ID found in '${resourceId}'`)
  }
  const assertion = signAssertion(credentials, Math.floor(clock.now() / 1_000))
  const grant = new URLSearchParams({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion })
  const granted = await callJson(services, { url: credentials.tokenUrl, body: grant.toString() }, { signal })
  const answer = await callJson(
    services,
    {
      url: `https://cloudkms.googleapis.com/v1/${resourceId}:decrypt`,
      headers: { authorization: `Bearer ${textField(granted, 'access_token')}` },
      body: { ciphertext: enc },
    },
    { signal },
  )
  return Buffer.from(textField(answer, 'plaintext'), 'base64')
}

function signAssertion({ clientEmail, privateKey, tokenUrl }: GcpCredentials, issuedAt: number): string {
  const claims = { iss: clientEmail, scope, aud: tokenUrl, iat: issuedAt, exp: issuedAt + 3_600 }
  const signed = [{ alg: 'RS256', typ: 'JWT' }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
  return `${signed}.${createSign('RSA-SHA256').update(signed).sign(privateKey).toString('base64url')}`
}

function parse(json: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(json)
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  } catch {
    // The parser's message would quote the credentials.
  }
  throw new SopsError('SOPS_MALFORMED', 'the GCP credentials are no JSON object')
}
