import {
  FeatureGateError,
  proxyFromSecret,
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
import { ToolkitError } from '@sluice/ports'
import { type Outcome, ReconcileFailure } from '@sluice/runtime'
import { conditionTypes, reasons, sourceReasons } from '@sluice/toolkit'
import { durationMs } from '../shared/duration.ts'
import type { BucketStep, BucketWork } from './bucket-work.ts'
import { awsCredentialsOf, azureCredentialsOf, googleTokenOf } from './cloud-credentials.ts'

const condition = conditionTypes.fetchFailed

/** Puts together how the bucket is reached. */
export const configureBucket: BucketStep = async (work) => {
  const problem = stsProblem(work)
  if (problem !== undefined) {
    const reason = sourceReasons.invalidStsConfiguration
    work.run.conditions.markTrue(condition, reason, problem)
    return { kind: 'stalled', reason, message: problem } satisfies Outcome
  }
  try {
    work.client = await createClient(work)
  } catch (error) {
    if (error instanceof FeatureGateError) {
      work.run.conditions.markTrue(condition, reasons.featureGateDisabled, error.message)
      return {
        kind: 'stalled',
        reason: reasons.featureGateDisabled,
        message: error.message,
      } satisfies Outcome
    }
    if (!(error instanceof ToolkitError)) throw error
    const cause = error.cause === undefined ? {} : { cause: error.cause }
    throw new ReconcileFailure(sourceReasons.authenticationFailed, error.message, { condition, ...cause })
  }
  return undefined
}

async function createClient(work: BucketWork): Promise<BucketClient> {
  const { spec } = work.run.object
  const secret = await read(work, spec.secretRef, 'secret')
  const connection = await connect(work)
  const { bucketName: bucket, endpoint, insecure = false, provider = 'generic' } = spec
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
      return azureContainer({
        ...connection,
        endpoint,
        container: bucket,
        ...(credentials ? { credentials } : {}),
      })
    }
    case 'aws':
    case 'generic': {
      const credentials = await s3Credentials(work, secret, connection)
      const region = spec.region === undefined ? {} : { region: spec.region }
      return s3Bucket({
        ...connection,
        endpoint,
        bucket,
        insecure,
        ...region,
        ...(credentials ? { credentials } : {}),
      })
    }
  }
}

async function connect(work: BucketWork): Promise<BucketConnection> {
  const { run, deps } = work
  const { spec } = run.object
  const proxySecret = await read(work, spec.proxySecretRef, 'proxy URL: failed to get secret')
  const certificates = await read(work, spec.certSecretRef, 'TLS config: failed to get secret')
  return {
    http: deps.http,
    signal: run.signal,
    timeoutMs: durationMs(spec.timeout, 60_000),
    now: () => deps.clock.now(),
    ...(proxySecret ? { proxy: proxyFromSecret(proxySecret) } : {}),
    ...(certificates ? { tls: tlsFromSecret(certificates) } : {}),
  }
}

async function read(
  { run, deps }: BucketWork,
  reference: { readonly name: string } | undefined,
  what: string,
): Promise<Secret | undefined> {
  if (!reference) return undefined
  const key = { namespace: run.key.namespace, name: reference.name }
  try {
    return await readSecret(deps.cluster, key, run)
  } catch (error) {
    const cause = error instanceof SecretError && error.cause !== undefined ? error.cause : error
    throw new SecretError(`failed to get ${what} '${key.namespace}/${key.name}'`, { cause })
  }
}

async function s3Credentials(
  work: BucketWork,
  secret: Secret | undefined,
  connection: BucketConnection,
): Promise<AwsCredentials | undefined> {
  const { sts, provider } = work.run.object.spec
  if (sts?.provider === 'ldap') {
    const login = await read(work, sts.secretRef, 'STS secret')
    const username = login && secretText(login, 'username')
    const password = login && secretText(login, 'password')
    if (username === undefined || password === undefined) {
      throw new SecretError("invalid secret data for 'ldap' STS provider: required fields username, password")
    }
    const certificates = await read(work, sts.certSecretRef, 'STS TLS config: failed to get secret')
    const tls = certificates ? { tls: tlsFromSecret(certificates) } : {}
    return assumeRoleWithLdap({ endpoint: sts.endpoint, username, password }, { ...connection, ...tls })
  }
  if (!secret) return provider === 'aws' ? awsCredentialsOf(work, connection) : undefined
  const accessKey = secretText(secret, 'accesskey')
  const secretKey = secretText(secret, 'secretkey')
  if (accessKey === undefined || secretKey === undefined) {
    throw incomplete(secret, "required fields 'accesskey' and 'secretkey'")
  }
  return { accessKey, secretKey }
}

function incomplete({ reference }: Secret, what: string): SecretError {
  return new SecretError(`invalid '${reference.replace(/^.*\//, '')}' secret data: ${what}`)
}

/** Source: fluxcd/source-controller internal/bucket/minio, ValidateSTSProvider. */
function stsProblem({ run }: BucketWork): string | undefined {
  const { sts, provider = 'generic' } = run.object.spec
  if (!sts) return undefined
  const unsupported = `STS provider '${sts.provider}' is not supported for '${provider}' bucket provider`
  if (provider === 'generic') return sts.provider === 'ldap' ? undefined : unsupported
  if (provider !== 'aws') return `STS configuration is not supported for '${provider}' bucket provider`
  if (sts.provider !== 'aws') return unsupported
  if (sts.secretRef) return "spec.sts.secretRef is not required for the 'aws' STS provider"
  return sts.certSecretRef ? "spec.sts.certSecretRef is not required for the 'aws' STS provider" : undefined
}
