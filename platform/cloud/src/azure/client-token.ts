import { createHash, createPrivateKey, randomUUID, sign, X509Certificate } from 'node:crypto'
import type { CloudCall, CloudToken } from '../cloud-call.ts'
import { CloudError } from '../cloud-error.ts'
import { askJson, textField } from '../exchange.ts'

/** An application of Entra, with what proves that one is it. */
export type AzureClient = {
  readonly tenantId: string
  readonly clientId: string
  /** Default: that of the public cloud. */
  readonly authorityHost?: string | undefined
  readonly proof:
    | { readonly kind: 'secret'; readonly secret: string }
    /** A token of another issuer that the application trusts. */
    | { readonly kind: 'federated'; readonly token: string }
    | {
        readonly kind: 'certificate'
        /** PEM: certificates, that of the application first, and its private key. */
        readonly pem: string
        readonly password?: string | undefined
        /** Whether the whole chain is sent, for applications that trust its issuer. */
        readonly sendChain?: boolean
      }
}

const defaultAuthority = 'https://login.microsoftonline.com/'
const assertionLifeSeconds = 600

/**
 * A token of an application.
 *
 * Source: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
 * @param scope such as `https://storage.azure.com/.default`
 */
export async function azureClientToken(
  client: AzureClient,
  scope: string,
  call: CloudCall,
): Promise<CloudToken> {
  const { tenantId, clientId, authorityHost = defaultAuthority } = client
  const url = `${authorityHost.replace(/\/*$/, '/')}${encodeURIComponent(tenantId)}/oauth2/v2.0/token`
  const form = {
    client_id: clientId,
    scope,
    grant_type: 'client_credentials',
    ...proofOf(client, url, call.now()),
  }
  const what = 'Entra ID'
  const answer = await askJson({ method: 'POST', url, form }, call, what)
  const seconds = Number(answer['expires_in'])
  return {
    token: textField(answer, 'access_token', what),
    expiresAt: call.now() + (Number.isFinite(seconds) ? seconds * 1000 : 0),
  }
}

function proofOf(client: AzureClient, audience: string, now: number): Record<string, string> {
  const { proof } = client
  switch (proof.kind) {
    case 'secret':
      return { client_secret: proof.secret }
    case 'federated':
      return assertion(proof.token)
    case 'certificate':
      return assertion(signAssertion({ ...client, proof }, audience, now))
  }
}

function assertion(token: string): Record<string, string> {
  return {
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: token,
  }
}

type CertificateClient = AzureClient & {
  readonly proof: Extract<AzureClient['proof'], { readonly kind: 'certificate' }>
}

/** Source: https://learn.microsoft.com/entra/identity-platform/certificate-credentials */
function signAssertion({ clientId, proof }: CertificateClient, audience: string, now: number): string {
  const { pem, password, sendChain = false } = proof
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? []
  try {
    const certificates = blocks.map((block) => new X509Certificate(block))
    const [own] = certificates
    if (!own) throw new CloudError('no certificate in it')
    const key = createPrivateKey({ key: pem, ...(password === undefined ? {} : { passphrase: password }) })
    const header = {
      alg: 'RS256',
      typ: 'JWT',
      x5t: createHash('sha1').update(own.raw).digest('base64url'),
      ...(sendChain && { x5c: certificates.map((it) => it.raw.toString('base64')) }),
    }
    const issued = Math.floor(now / 1000)
    const claims = {
      aud: audience,
      iss: clientId,
      sub: clientId,
      jti: randomUUID(),
      nbf: issued,
      iat: issued,
      exp: issued + assertionLifeSeconds,
    }
    const unsigned = `${encode(header)}.${encode(claims)}`
    return `${unsigned}.${sign('sha256', Buffer.from(unsigned), key).toString('base64url')}`
  } catch (error) {
    // OpenSSL's own words could repeat a part of the key.
    if (error instanceof CloudError) throw error
    throw new CloudError('the client certificate cannot be used')
  }
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
