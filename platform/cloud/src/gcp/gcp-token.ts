import { type CloudCall, type CloudIdentity, type CloudToken, readText, variable } from '../cloud-call.ts'
import { CloudError } from '../cloud-error.ts'
import { askJson, exchange, parseObject, textField } from '../exchange.ts'
import { parseServiceAccount, serviceAccountToken } from './service-account-key.ts'

const accountAnnotation = 'iam.gke.io/gcp-service-account'
const providerAnnotation = 'gcp.auth.fluxcd.io/workload-identity-provider'
const providerPattern =
  /^projects\/\d{1,30}\/locations\/global\/workloadIdentityPools\/[^/]{1,100}\/providers\/[^/]{1,100}$/
/** Of all that is asked for here, which includes pulling images and reading buckets. */
export const gcpScope = 'https://www.googleapis.com/auth/cloud-platform'
const stsUrl = 'https://sts.googleapis.com/v1/token'
const serviceAccounts = 'https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts'

type ServiceAccountIdentity = Extract<CloudIdentity, { readonly kind: 'serviceAccount' }>

/**
 * An access token of an identity: ServiceAccounts exchange theirs, with the provider that is annotated or that of the GKE
 * cluster, and act as the Google account that is annotated, if one is; the program itself has a key file or its machine.
 *
 * Source: https://cloud.google.com/iam/docs/workload-identity-federation; fluxcd/pkg auth/gcp.
 * @throws {CloudError}
 */
export async function gcpToken(identity: CloudIdentity, call: CloudCall): Promise<CloudToken> {
  if (identity.kind === 'controller') return controllerToken(call)
  const federated = await federatedToken(identity, call)
  const email = identity.annotations[accountAnnotation]
  return email ? impersonate(email, federated, call) : federated
}

async function controllerToken(call: CloudCall): Promise<CloudToken> {
  const keyFile = variable(call, 'GOOGLE_APPLICATION_CREDENTIALS')
  if (keyFile === undefined) return machineToken(call)
  const text = await readText(call, keyFile)
  const { type } = parseObject(text) ?? {}
  return type === 'external_account'
    ? externalToken(text, call)
    : serviceAccountToken(parseServiceAccount(text), gcpScope, call)
}

async function machineToken(call: CloudCall): Promise<CloudToken> {
  const url = metadataUrl(call, 'instance/service-accounts/default/token')
  const what = 'metadata server'
  return decode(await askJson({ method: 'GET', url, headers: flavor, isLocal: true }, call, what), call, what)
}

const flavor = { 'metadata-flavor': 'Google' } as const

function metadataUrl(call: CloudCall, path: string): string {
  const host = variable(call, 'GCE_METADATA_HOST') ?? 'metadata.google.internal'
  return `http://${host}/computeMetadata/v1/${path}`
}

/** A file that says where a token is and whom to exchange it with; only tokens in files are taken. */
async function externalToken(text: string, call: CloudCall): Promise<CloudToken> {
  const what = 'the external account'
  const account = parseObject(text) ?? {}
  const source = account['credential_source']
  const file = (source as { readonly file?: unknown } | undefined)?.file
  if (typeof file !== 'string') throw new CloudError(`${what} names no file with a token`)
  const federated = await exchangeToken(
    {
      audience: textField(account, 'audience', what),
      token: await readText(call, file),
      type: textField(account, 'subject_token_type', what),
      url: textField(account, 'token_url', what),
    },
    call,
  )
  const url = account['service_account_impersonation_url']
  const email = typeof url === 'string' ? /serviceAccounts\/([^/:]+):/.exec(url)?.[1] : undefined
  return email === undefined ? federated : impersonate(decodeURIComponent(email), federated, call)
}

async function federatedToken(identity: ServiceAccountIdentity, call: CloudCall): Promise<CloudToken> {
  const provider = identity.annotations[providerAnnotation]
  const { subject, audience } = provider ? audienceOf(provider) : await audienceOfCluster(call)
  const token = await identity.token(subject, call)
  return exchangeToken({ audience, token, type: 'urn:ietf:params:oauth:token-type:jwt', url: stsUrl }, call)
}

type Audiences = {
  /** Whom the cluster's token is for. */
  readonly subject: string
  /** Whom it is exchanged with. */
  readonly audience: string
}

function audienceOf(provider: string): Audiences {
  if (!providerPattern.test(provider)) {
    throw new CloudError(
      `invalid ${providerAnnotation} annotation: '${provider}'. must match ${providerPattern.source}`,
    )
  }
  const audience = `//iam.googleapis.com/${provider}`
  return { subject: audience, audience }
}

/** The pool that a GKE cluster has of its own, found out from the machine. */
async function audienceOfCluster(call: CloudCall): Promise<Audiences> {
  const [project, location, name] = await Promise.all([
    metadata(call, 'project/project-id'),
    metadata(call, 'instance/attributes/cluster-location'),
    metadata(call, 'instance/attributes/cluster-name'),
  ])
  const pool = `${project}.svc.id.goog`
  const cluster = `https://container.googleapis.com/v1/projects/${project}/locations/${location}/clusters/${name}`
  return { subject: pool, audience: `identitynamespace:${pool}:${cluster}` }
}

async function metadata(call: CloudCall, path: string): Promise<string> {
  const question = { method: 'GET', url: metadataUrl(call, path), headers: flavor, isLocal: true } as const
  const { status, text } = await exchange(question, call)
  if (status !== 200) throw new CloudError(`metadata server: unexpected status code ${status}`)
  return text.trim()
}

type Exchange = {
  readonly audience: string
  readonly token: string
  readonly type: string
  readonly url: string
}

async function exchangeToken({ audience, token, type, url }: Exchange, call: CloudCall): Promise<CloudToken> {
  const form = {
    audience,
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    requested_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    scope: gcpScope,
    subject_token_type: type,
    subject_token: token,
  }
  const what = 'Security Token Service'
  return decode(await askJson({ method: 'POST', url, form }, call, what), call, what)
}

async function impersonate(email: string, { token }: CloudToken, call: CloudCall): Promise<CloudToken> {
  const what = 'IAM credentials'
  const question = {
    method: 'POST',
    url: `${serviceAccounts}/${encodeURIComponent(email)}:generateAccessToken`,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ scope: [gcpScope] }),
  } as const
  const answer = await askJson(question, call, what)
  const expires = Date.parse(String(answer['expireTime']))
  return { token: textField(answer, 'accessToken', what), expiresAt: Number.isNaN(expires) ? 0 : expires }
}

function decode(answer: Readonly<Record<string, unknown>>, call: CloudCall, what: string): CloudToken {
  const seconds = Number(answer['expires_in'])
  return {
    token: textField(answer, 'access_token', what),
    expiresAt: call.now() + (Number.isFinite(seconds) ? seconds * 1000 : 0),
  }
}
