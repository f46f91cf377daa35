import { awsAlgorithm, awsScope, awsSignature } from '@sluice/cloud'
import { sha256Hex } from '@sluice/go'
import type { Clock } from '@sluice/ports'
import { parseYaml } from '@sluice/yaml'
import type { MasterKey } from '../sops/metadata.ts'
import { SopsError } from '../sops-error.ts'
import { callJson, type KeyServiceHttp, textField } from './http-json.ts'

export type AwsCredentials = {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

/** Reads the entry `sops.aws-kms` of a decryption Secret. */
export function parseAwsCredentials(yaml: string): AwsCredentials {
  const value = parseYaml(yaml)
  const field = (name: string): string | undefined => {
    const found =
      typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
    return typeof found === 'string' && found !== '' ? found : undefined
  }
  const accessKeyId = field('aws_access_key_id')
  const secretAccessKey = field('aws_secret_access_key')
  const sessionToken = field('aws_session_token')
  if (!accessKeyId || !secretAccessKey) {
    throw new SopsError(
      'SOPS_MALFORMED',
      'the AWS credentials lack aws_access_key_id or aws_secret_access_key',
    )
  }
  return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) }
}

type AwsServices = KeyServiceHttp & { readonly credentials: AwsCredentials; readonly clock: Clock }

export async function unwrapWithAws(
  key: Extract<MasterKey, { kind: 'kms' }>,
  services: AwsServices,
  { signal }: { readonly signal: AbortSignal },
): Promise<Uint8Array> {
  const [, region = ''] = /^arn:aws[\w-]*:kms:([a-z0-9-]+):\d+:(?:key|alias)\/.+$/.exec(key.arn) ?? []
  if (region === '') throw new SopsError('SOPS_MALFORMED', `no valid ARN found in '${key.arn}'`)
  const credentials =
    key.role === '' ? services.credentials : await assumeRole(key.role, { services, region, signal })
  const host = `kms.${region}.${region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'}`
  const context = Object.keys(key.context).length > 0 ? { EncryptionContext: key.context } : {}
  const body = JSON.stringify({ CiphertextBlob: key.enc, KeyId: key.arn, ...context })
  const headers = {
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': 'TrentService.Decrypt',
  }
  const signedHeaders = sign(
    { service: 'kms', region, host, headers, body },
    credentials,
    services.clock.now(),
  )
  const answer = await callJson(
    services,
    { url: `https://${host}/`, headers: signedHeaders, body },
    { signal },
  )
  return Buffer.from(textField(answer, 'Plaintext'), 'base64')
}

async function assumeRole(
  role: string,
  {
    services,
    region,
    signal,
  }: { readonly services: AwsServices; readonly region: string; readonly signal: AbortSignal },
): Promise<AwsCredentials> {
  const host = `sts.${region}.${region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'}`
  const body = new URLSearchParams({
    Action: 'AssumeRole',
    Version: '2011-06-15',
    RoleArn: role,
    RoleSessionName: 'sops',
  }).toString()
  const headers = sign(
    { service: 'sts', region, host, headers: { 'content-type': 'application/x-www-form-urlencoded' }, body },
    services.credentials,
    services.clock.now(),
  )
  const answer = await callJson(services, { url: `https://${host}/`, headers, body }, { signal })
  const path = ['AssumeRoleResponse', 'AssumeRoleResult', 'Credentials']
  return {
    accessKeyId: textField(answer, ...path, 'AccessKeyId'),
    secretAccessKey: textField(answer, ...path, 'SecretAccessKey'),
    sessionToken: textField(answer, ...path, 'SessionToken'),
  }
}

type Signable = {
  readonly service: string
  readonly region: string
  readonly host: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/**
 * Headers of a POST to `/` with its signature.
 *
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html
 */
export function sign(
  { service, region, host, headers, body }: Signable,
  { accessKeyId, secretAccessKey, sessionToken }: AwsCredentials,
  now: number,
): Readonly<Record<string, string>> {
  const scope = awsScope(now, region, service)
  const all: Record<string, string> = {
    ...headers,
    host,
    'x-amz-date': scope.time,
    ...(sessionToken ? { 'x-amz-security-token': sessionToken } : {}),
  }
  const names = Object.keys(all).toSorted((left, right) => (left < right ? -1 : 1))
  const signedNames = names.join(';')
  const canonical = [
    'POST',
    '/',
    '',
    ...names.map((name) => `${name}:${all[name]}`),
    '',
    signedNames,
    sha256Hex(body),
  ].join('\n')
  const signature = awsSignature(canonical, scope, secretAccessKey)
  const { host: _, ...sent } = all
  return {
    ...sent,
    authorization: `${awsAlgorithm} Credential=${accessKeyId}/${scope.name}, SignedHeaders=${signedNames}, Signature=${signature}`,
  }
}
