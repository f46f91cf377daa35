import { type CloudCall, type CloudIdentity, readText, variable } from '../cloud-call.ts'
import { CloudError } from '../cloud-error.ts'
import { askJson, exchange, textField } from '../exchange.ts'
import { xmlText } from '../xml.ts'
import type { AwsCredentials } from './sign.ts'

/** Credentials, and when they end in milliseconds since the epoch; never for those of the environment. */
export type ExpiringCredentials = AwsCredentials & { readonly expiresAt: number }

export type AwsOptions = {
  /** Where tokens are exchanged; the environment's when absent. */
  readonly region?: string | undefined
  /** Address of the Security Token Service; that of the region when absent. */
  readonly stsEndpoint?: string | undefined
}

const audience = 'sts.amazonaws.com'
const roleAnnotation = 'eks.amazonaws.com/role-arn'
const maxSessionName = 64

/**
 * Credentials of an identity: for ServiceAccounts those of the role that is annotated; for the program itself, what is there
 * first of environment, web identity (IRSA), container (EKS pod identity, ECS) and machine.
 *
 * Source: https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html, without shared files.
 * @throws {CloudError}
 */
export async function awsCredentials(
  identity: CloudIdentity,
  options: AwsOptions,
  call: CloudCall,
): Promise<ExpiringCredentials> {
  if (identity.kind === 'serviceAccount') {
    const roleArn = identity.annotations[roleAnnotation]
    if (!roleArn) {
      throw new CloudError(`AWS role ARN is not set in the service account annotation ${roleAnnotation}`)
    }
    const sessionName = `${identity.name}.${identity.namespace}.fluxcd.io`
    return assumeRole({ roleArn, sessionName, token: await identity.token(audience, call) }, options, call)
  }
  const found =
    ofEnvironment(call) ??
    (await ofWebIdentity(options, call)) ??
    (await ofContainer(call)) ??
    (await ofMachine(call))
  if (!found) throw new CloudError('no AWS credentials in the environment, the pod or the machine')
  return found
}

/** The region that the environment names. */
export function awsRegion(call: CloudCall): string | undefined {
  return variable(call, 'AWS_REGION') ?? variable(call, 'AWS_DEFAULT_REGION')
}

function ofEnvironment(call: CloudCall): ExpiringCredentials | undefined {
  const accessKey = variable(call, 'AWS_ACCESS_KEY_ID')
  const secretKey = variable(call, 'AWS_SECRET_ACCESS_KEY')
  const sessionToken = variable(call, 'AWS_SESSION_TOKEN')
  if (accessKey === undefined || secretKey === undefined) return undefined
  return {
    accessKey,
    secretKey,
    ...(sessionToken === undefined ? {} : { sessionToken }),
    expiresAt: Number.POSITIVE_INFINITY,
  }
}

async function ofWebIdentity(options: AwsOptions, call: CloudCall): Promise<ExpiringCredentials | undefined> {
  const tokenFile = variable(call, 'AWS_WEB_IDENTITY_TOKEN_FILE')
  const roleArn = variable(call, 'AWS_ROLE_ARN')
  if (tokenFile === undefined || roleArn === undefined) return undefined
  const sessionName = variable(call, 'AWS_ROLE_SESSION_NAME') ?? 'sluice'
  return assumeRole({ roleArn, sessionName, token: await readText(call, tokenFile) }, options, call)
}

type Role = { readonly roleArn: string; readonly sessionName: string; readonly token: string }

/** Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html */
async function assumeRole(
  { roleArn, sessionName, token }: Role,
  { region, stsEndpoint }: AwsOptions,
  call: CloudCall,
): Promise<ExpiringCredentials> {
  const where = region ?? awsRegion(call)
  if (stsEndpoint === undefined && where === undefined) {
    throw new CloudError('AWS_REGION environment variable is not set')
  }
  const { status, text } = await exchange(
    {
      method: 'POST',
      url: stsEndpoint ?? `https://sts.${where}.${domainOf(where ?? '')}/`,
      form: {
        Action: 'AssumeRoleWithWebIdentity',
        Version: '2011-06-15',
        RoleArn: roleArn,
        RoleSessionName: sessionName.replaceAll(/[^\w+=,.@-]/g, '-').slice(0, maxSessionName),
        WebIdentityToken: token,
      },
    },
    call,
  )
  const [accessKey, secretKey, sessionToken, expiration] = [
    'AccessKeyId',
    'SecretAccessKey',
    'SessionToken',
    'Expiration',
  ].map((name) => xmlText(text, name))
  if (status !== 200 || accessKey === undefined || secretKey === undefined || sessionToken === undefined) {
    throw new CloudError(`STS: ${xmlText(text, 'Message') ?? `unexpected status code ${status}`}`)
  }
  return { accessKey, secretKey, sessionToken, expiresAt: timeOf(expiration) }
}

/** Hosts of the domain that a region belongs to. */
export function domainOf(region: string): string {
  return region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'
}

/** Addresses that may be told the container's secret in plain HTTP. Source: SDK guide, container credentials. */
const containerHosts = /^(?:169\.254\.170\.(?:2|23)|127\.\d+\.\d+\.\d+|\[::1\]|\[fd00:ec2::23\]|localhost)$/

async function ofContainer(call: CloudCall): Promise<ExpiringCredentials | undefined> {
  const relative = variable(call, 'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI')
  const full = variable(call, 'AWS_CONTAINER_CREDENTIALS_FULL_URI')
  const url = relative === undefined ? full : `http://169.254.170.2${relative}`
  if (url === undefined) return undefined
  const { protocol, hostname } = URL.canParse(url) ? new URL(url) : { protocol: '', hostname: '' }
  if (protocol !== 'https:' && !(protocol === 'http:' && containerHosts.test(hostname))) {
    throw new CloudError('the address of the container credentials is not allowed')
  }
  const tokenFile = variable(call, 'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE')
  const authorization =
    tokenFile === undefined
      ? variable(call, 'AWS_CONTAINER_AUTHORIZATION_TOKEN')
      : await readText(call, tokenFile)
  const headers = authorization === undefined ? {} : { authorization }
  return decode(await askJson({ method: 'GET', url, headers, isLocal: true }, call, 'container credentials'))
}

/** Version 2 of the instance metadata service: a token first. */
async function ofMachine(call: CloudCall): Promise<ExpiringCredentials | undefined> {
  if (variable(call, 'AWS_EC2_METADATA_DISABLED')?.toLowerCase() === 'true') return undefined
  const base = variable(call, 'AWS_EC2_METADATA_SERVICE_ENDPOINT') ?? 'http://169.254.169.254'
  const local = { isLocal: true } as const
  const started = await exchange(
    {
      ...local,
      method: 'PUT',
      url: `${base}/latest/api/token`,
      headers: { 'x-aws-ec2-metadata-token-ttl-seconds': '21600' },
    },
    call,
  )
  if (started.status !== 200) {
    throw new CloudError(`instance metadata: unexpected status code ${started.status}`)
  }
  const headers = { 'x-aws-ec2-metadata-token': started.text }
  const roles = `${base}/latest/meta-data/iam/security-credentials/`
  const named = await exchange({ ...local, method: 'GET', url: roles, headers }, call)
  const role = named.text.split('\n')[0]?.trim() ?? ''
  if (named.status !== 200 || role === '') throw new CloudError('the machine has no role')
  const url = roles + encodeURIComponent(role)
  return decode(await askJson({ ...local, method: 'GET', url, headers }, call, 'instance metadata'))
}

function decode(answer: Readonly<Record<string, unknown>>): ExpiringCredentials {
  const what = 'AWS credentials'
  return {
    accessKey: textField(answer, 'AccessKeyId', what),
    secretKey: textField(answer, 'SecretAccessKey', what),
    sessionToken: textField(answer, 'Token', what),
    expiresAt: timeOf(answer['Expiration']),
  }
}

function timeOf(value: unknown): number {
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN
  return Number.isNaN(time) ? 0 : time
}
