import type { CloudCall, CloudIdentity } from '../cloud-call.ts'
import { CloudError } from '../cloud-error.ts'
import { askJson } from '../exchange.ts'
import type { RegistryLogin } from '../registry-login.ts'
import { awsCredentials, domainOf } from './aws-credentials.ts'
import { signAws } from './sign.ts'

const privateHost = /^\d+\.dkr\.ecr(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?$/
const publicHost = 'public.ecr.aws'
/** The only region that serves the public registry's tokens. */
const publicRegion = 'us-east-1'

export function isEcr(host: string): boolean {
  return host === publicHost || privateHost.test(host)
}

/**
 * A password for an Elastic Container Registry.
 *
 * Source: https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetAuthorizationToken.html
 */
export async function ecrLogin(
  host: string,
  identity: CloudIdentity,
  call: CloudCall,
): Promise<RegistryLogin> {
  const region = host === publicHost ? publicRegion : privateHost.exec(host)?.[1]
  if (region === undefined) throw new CloudError(`'${host}' is no registry of AWS`)
  const credentials = await awsCredentials(identity, { region }, call)
  const isPublic = host === publicHost
  const service = isPublic ? 'ecr-public' : 'ecr'
  const url = new URL(`https://api.${service}.${region}.${domainOf(region)}/`)
  const target = isPublic ? 'SpencerFrontendService' : 'AmazonEC2ContainerRegistry_V20150921'
  const headers = {
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': `${target}.GetAuthorizationToken`,
  }
  const request = { method: 'POST', url, region, service, body: '{}', headers, now: call.now() } as const
  const signed = {
    method: 'POST',
    url: url.href,
    headers: signAws(request, credentials),
    body: '{}',
  } as const
  const answer = await askJson(signed, call, 'ECR')
  const data: unknown = answer['authorizationData']
  const first = (Array.isArray(data) ? data[0] : data) as
    | { readonly authorizationToken?: unknown; readonly expiresAt?: unknown }
    | undefined
  return decode(first?.authorizationToken, first?.expiresAt)
}

function decode(token: unknown, expiresAt: unknown): RegistryLogin {
  const pair = typeof token === 'string' ? Buffer.from(token, 'base64').toString() : ''
  const colon = pair.indexOf(':')
  if (colon < 0) throw new CloudError('ECR: the answer has no token')
  // Seconds, with a fraction.
  const expires = typeof expiresAt === 'number' ? expiresAt * 1000 : 0
  return { username: pair.slice(0, colon), password: pair.slice(colon + 1), expiresAt: expires }
}
