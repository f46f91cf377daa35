import { type AwsOptions, awsCredentials, domainOf } from '../aws/aws-credentials.ts'
import { presignAws } from '../aws/presign.ts'
import { type AwsCredentials, signAws } from '../aws/sign.ts'
import type { CloudCall, CloudIdentity } from '../cloud-call.ts'
import { CloudError } from '../cloud-error.ts'
import { askJson, textField } from '../exchange.ts'
import type { ClusterEndpoint, ClusterLogin, ClusterQuestion } from './cluster-login.ts'

const clusterPattern = /^arn:aws[\w-]*:eks:([^:]{1,100}):[0-9]{1,30}:cluster\/(.{1,200})$/
/** A token is good for as long as its signature is. */
const tokenLifeMs = 15 * 60_000

/**
 * A login to an EKS cluster: its tokens are signed requests that tell who signed them.
 *
 * Source: https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html
 */
export async function eksLogin(
  { cluster, describe }: ClusterQuestion,
  identity: CloudIdentity,
  call: CloudCall,
): Promise<ClusterLogin> {
  const [, region, name] = clusterPattern.exec(cluster) ?? []
  if (region === undefined || name === undefined) {
    throw new CloudError(`invalid EKS cluster ARN: '${cluster}'. must match ${clusterPattern.source}`)
  }
  if (!/^[a-z0-9-]+$/.test(region)) throw new CloudError(`'${region}' is no region of AWS`)
  const options: AwsOptions = { region }
  const credentials = await awsCredentials(identity, options, call)
  const expiresAt = Math.min(call.now() + tokenLifeMs, credentials.expiresAt)
  const endpoints = describe ? [await describeCluster(cluster, { region, name, credentials }, call)] : []
  return { token: tokenFor(name, region, { credentials, now: call.now() }), expiresAt, endpoints }
}

function tokenFor(
  name: string,
  region: string,
  { credentials, now }: { readonly credentials: AwsCredentials; readonly now: number },
): string {
  const url = presignAws(
    {
      url: new URL(`https://sts.${region}.${domainOf(region)}/?Action=GetCallerIdentity&Version=2011-06-15`),
      region,
      service: 'sts',
      now,
      expiresSeconds: 900,
      headers: { 'x-k8s-aws-id': name },
    },
    credentials,
  )
  return `k8s-aws-v1.${Buffer.from(url).toString('base64url')}`
}

async function describeCluster(
  cluster: string,
  {
    region,
    name,
    credentials,
  }: { readonly region: string; readonly name: string; readonly credentials: AwsCredentials },
  call: CloudCall,
): Promise<ClusterEndpoint> {
  const what = `failed to describe EKS cluster '${cluster}'`
  const url = new URL(`https://eks.${region}.${domainOf(region)}/clusters/${encodeURIComponent(name)}`)
  const headers = signAws({ method: 'GET', url, region, service: 'eks', now: call.now() }, credentials)
  const answer = await askJson({ method: 'GET', url: url.href, headers }, call, what)
  const described = (answer['cluster'] ?? {}) as Readonly<Record<string, unknown>>
  const { data } = (described['certificateAuthority'] ?? {}) as { readonly data?: unknown }
  return {
    address: textField(described, 'endpoint', what),
    ca: Buffer.from(typeof data === 'string' ? data : '', 'base64').toString('utf8'),
  }
}
