import {
  FeatureGateError,
  proxyFromSecret,
  readNamedSecret,
  readSecret,
  type Secret,
  SecretError,
  secretText,
  tlsFromSecret,
} from '@sluice/access'
import {
  assumeRoleWithLdap,
  azureContainer,
  type BucketClient,
  type BucketConnection,
  gcsBucket,
  s3Bucket,
} from '@sluice/bucket'
import type { AwsCredentials } from '@sluice/cloud'
import { type HttpProxy, type HttpTls, ToolkitError } from '@sluice/ports'
import { type Outcome, ReconcileFailure } from '@sluice/runtime'
import { type Bucket, conditionTypes, reasons, sourceReasons } from '@sluice/toolkit'
import { durationMs } from '../shared/duration.ts'
import { urlProblem } from '../shared/url-problem.ts'
import type { BucketStep, BucketWork } from './bucket-work.ts'
import { awsCredentialsOf, azureCredentialsOf, googleTokenOf } from './cloud-credentials.ts'

const condition = conditionTypes.fetchFailed

/** Puts together how the bucket is reached. */
export const configureBucket: BucketStep = async (work) => {
  try {
    const client = await createClient(work, await readSecrets(work))
    if ('reason' in client) return client
    work.client = client
  } catch (error) {
    if (error instanceof FeatureGateError) return stall(work, reasons.featureGateDisabled, error.message)
    if (!(error instanceof ToolkitError)) throw error
    const cause = error.cause === undefined ? {} : { cause: error.cause }
    throw new ReconcileFailure(sourceReasons.authenticationFailed, error.message, { condition, ...cause })
  }
  return undefined
}

type Stalled = Extract<Outcome, { readonly kind: 'stalled' }>

function stall({ run }: BucketWork, reason: string, message: string): Stalled {
  run.conditions.markTrue(condition, reason, message)
  return { kind: 'stalled', reason, message }
}

/** All that the Secrets hold that the object names. */
type BucketSecrets = {
  readonly secret: Secret | undefined
  readonly stsSecret: Secret | undefined
  readonly proxy: HttpProxy | undefined
  readonly tls: HttpTls | undefined
  readonly stsTls: HttpTls | undefined
}

/** One after the other, as Flux reads them: the first that is missing is the one that is reported. */
async function readSecrets(work: BucketWork): Promise<BucketSecrets> {
  const { sts, secretRef, proxySecretRef, certSecretRef } = work.run.object.spec
  return {
    secret: secretRef && (await readLogin(work, secretRef.name, 'secret')),
    stsSecret: sts?.secretRef && (await readLogin(work, sts.secretRef.name, 'STS secret')),
    proxy: proxySecretRef && (await readNamed(work, proxySecretRef.name, ['proxy URL', proxyFromSecret])),
    tls: certSecretRef && (await readNamed(work, certSecretRef.name, ['TLS config', tlsOf])),
    stsTls: sts?.certSecretRef && (await readNamed(work, sts.certSecretRef.name, ['STS TLS config', tlsOf])),
  }
}

function tlsOf(secret: Secret): HttpTls {
  return tlsFromSecret(secret, { trustsHostRoots: true })
}

async function readLogin({ run, deps }: BucketWork, name: string, what: string): Promise<Secret> {
  const key = { namespace: run.key.namespace, name }
  try {
    return await readSecret(deps.cluster, key, run)
  } catch (error) {
    const cause = error instanceof SecretError && error.cause !== undefined ? error.cause : error
    throw new SecretError(`failed to get ${what} '${key.namespace}/${key.name}'`, { cause })
  }
}

async function readNamed<T>(
  { run, deps }: BucketWork,
  name: string,
  [what, read]: readonly [what: string, read: (secret: Secret) => T],
): Promise<T> {
  try {
    return read(await readNamedSecret(deps.cluster, { namespace: run.key.namespace, name }, run))
  } catch (cause) {
    throw new SecretError(`failed to get ${what}`, { cause })
  }
}

async function createClient(work: BucketWork, secrets: BucketSecrets): Promise<BucketClient | Stalled> {
  const { secret } = secrets
  const { spec } = work.run.object
  const connection = connectionOf(work, secrets)
  const { bucketName: bucket, endpoint, insecure = false, provider = 'generic', region } = spec
  switch (provider) {
    case 'gcp': {
      if (secret && secretText(secret, 'serviceaccount') === undefined) {
        throw incomplete(secret, "required fields 'serviceaccount'")
      }
      const fetchToken = googleTokenOf(work, secret, connection)
      return gcsBucket({ ...connection, endpoint, bucket, insecure, ...(fetchToken ? { fetchToken } : {}) })
    }
    case 'azure': {
      const credentials = await azureCredentialsOf(work, secret, connection)
      const container = { endpoint, container: bucket, ...(credentials ? { credentials } : {}) }
      return azureContainer({ ...connection, ...container })
    }
    case 'aws':
    case 'generic': {
      if (secret && !(secret.data.has('accesskey') && secret.data.has('secretkey'))) {
        throw incomplete(secret, "required fields 'accesskey' and 'secretkey'")
      }
      const problem = checkSts(work, secrets)
      if (problem) return problem
      const credentials = await s3Credentials(work, secrets, connection)
      const place = { endpoint, bucket, insecure, ...(region === undefined ? {} : { region }) }
      return s3Bucket({ ...connection, ...place, ...(credentials ? { credentials } : {}) })
    }
  }
}

function connectionOf({ run, deps }: BucketWork, { proxy, tls }: BucketSecrets): BucketConnection {
  return {
    http: deps.http,
    signal: run.signal,
    timeoutMs: durationMs(run.object.spec.timeout, 60_000),
    now: () => deps.clock.now(),
    ...(proxy && { proxy }),
    ...(tls && { tls }),
  }
}

async function s3Credentials(
  work: BucketWork,
  { secret, stsSecret, stsTls }: BucketSecrets,
  connection: BucketConnection,
): Promise<AwsCredentials | undefined> {
  const { sts, provider } = work.run.object.spec
  if (secret) {
    const [accessKey, secretKey] = [textOf(secret, 'accesskey'), textOf(secret, 'secretkey')]
    return accessKey === '' || secretKey === '' ? undefined : { accessKey, secretKey }
  }
  if (sts?.provider !== 'ldap') return provider === 'aws' ? awsCredentialsOf(work, connection) : undefined
  const login = stsSecret
    ? { username: textOf(stsSecret, 'username'), password: textOf(stsSecret, 'password') }
    : { username: '', password: '' }
  const { tls: _, ...rest } = connection
  return assumeRoleWithLdap({ endpoint: sts.endpoint, ...login }, { ...rest, ...(stsTls && { tls: stsTls }) })
}

function textOf(secret: Secret, key: string): string {
  return secretText(secret, key) ?? ''
}

function incomplete({ reference }: Secret, what: string): SecretError {
  return new SecretError(`invalid '${reference.replace(/^.*\//, '')}' secret data: ${what}`)
}

function checkSts(work: BucketWork, { stsSecret }: BucketSecrets): Stalled | undefined {
  const { sts } = work.run.object.spec
  if (!sts) return undefined
  const problem = stsProblem(work.run.object.spec, sts)
  if (problem !== undefined) return stall(work, sourceReasons.invalidStsConfiguration, problem)
  const inUrl = urlProblem(sts.endpoint)
  if (inUrl !== undefined) {
    const message = `failed to parse STS endpoint '${sts.endpoint}': ${inUrl}`
    return stall(work, sourceReasons.urlInvalid, message)
  }
  const isComplete = ['username', 'password'].every((key) => !stsSecret || secretText(stsSecret, key))
  if (stsSecret && sts.provider === 'ldap' && !isComplete) {
    const name = stsSecret.reference.replace(/^.*\//, '')
    throw new SecretError(
      `invalid '${name}' secret data for 'ldap' STS provider: required fields username, password`,
    )
  }
  return undefined
}

/** Source: fluxcd/source-controller internal/bucket/minio, ValidateSTSProvider. */
function stsProblem(
  { provider = 'generic' }: Bucket['spec'],
  sts: NonNullable<Bucket['spec']['sts']>,
): string | undefined {
  const unsupported = `STS provider '${sts.provider}' is not supported for '${provider}' bucket provider`
  if (provider === 'generic') return sts.provider === 'ldap' ? undefined : unsupported
  if (sts.provider !== 'aws') return unsupported
  if (sts.secretRef) return "spec.sts.secretRef is not required for the 'aws' STS provider"
  return sts.certSecretRef ? "spec.sts.certSecretRef is not required for the 'aws' STS provider" : undefined
}
