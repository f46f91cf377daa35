import { type CloudAccess, type CloudLogin, type Secret, SecretError, secretText } from '@sluice/access'
import type { AzureCredentials, BucketConnection } from '@sluice/bucket'
import type { AwsCredentials, AzureClient, CloudCall, CloudSurroundings } from '@sluice/cloud'
import type { BucketWork } from './bucket-work.ts'

const azureScope = 'https://storage.azure.com/.default'
const googleScope = 'https://www.googleapis.com/auth/devstorage.read_only'

/** Credentials for AWS of the object's ServiceAccount, or the program's own. */
export async function awsCredentialsOf(
  work: BucketWork,
  connection: BucketConnection,
): Promise<AwsCredentials | undefined> {
  const { cloud } = work.deps
  if (!cloud) return undefined
  const { sts, region } = work.run.object.spec
  const { login, logins, identity } = await open(work, cloud, connection)
  const where = region || logins.awsRegion() || 'us-east-1'
  return logins.aws(identity, { region: where, stsEndpoint: sts?.endpoint }, login)
}

/** Credentials for Azure: of a Secret, of the object's ServiceAccount, or the program's own. */
export async function azureCredentialsOf(
  work: BucketWork,
  secret: Secret | undefined,
  connection: BucketConnection,
): Promise<AzureCredentials | undefined> {
  const { cloud } = work.deps
  if (secret) return (await staticAzureCredentials(secret, connection)) ?? managed(work, secret, connection)
  if (!cloud) return undefined
  const { login, logins, identity } = await open(work, cloud, connection)
  return { kind: 'token', token: await logins.azure(identity, azureScope, login) }
}

/** Gives a token for Google's store: of a Secret's key file, of the object's ServiceAccount, or the program's own. */
export function googleTokenOf(
  work: BucketWork,
  secret: Secret | undefined,
  connection: BucketConnection,
): (() => Promise<string>) | undefined {
  const { cloud } = work.deps
  if (secret) return () => keyFileToken(secret, connection)
  if (!cloud) return undefined
  return async () => {
    const { login, logins, identity } = await open(work, cloud, connection)
    return logins.gcp(identity, login)
  }
}

async function open(
  { run }: BucketWork,
  cloud: CloudAccess,
  { proxy }: BucketConnection,
): Promise<Awaited<ReturnType<CloudAccess['open']>> & { readonly login: CloudLogin }> {
  const { serviceAccountName } = run.object.spec
  const { signal, key } = run
  const owner = { kind: run.object.kind, ...key }
  const login = { namespace: key.namespace, serviceAccountName, proxy, owner, signal }
  return { ...(await cloud.open(login)), login }
}

/** What a Secret holds by itself; nothing when it only names an identity of the machine. */
async function staticAzureCredentials(
  secret: Secret,
  connection: BucketConnection,
): Promise<AzureCredentials | undefined> {
  const client = azureClient(secret)
  if (client) {
    const { azureClientToken } = await import('@sluice/cloud')
    const { token } = await azureClientToken(client, azureScope, callOf(connection))
    return { kind: 'token', token }
  }
  const key = secretText(secret, 'accountKey')
  if (key !== undefined) return { kind: 'accountKey', key }
  const query = secretText(secret, 'sasKey')
  if (query !== undefined) return { kind: 'sas', query }
  if (secret.data.has('clientId')) return undefined
  const name = secret.reference.replace(/^.*\//, '')
  throw new SecretError(
    `invalid '${name}' secret data: requires a 'clientId' or 'accountKey' field, a combination of 'tenantId', ` +
      "'clientId' and 'clientSecret', or 'tenantId', 'clientId' and 'clientCertificate'",
  )
}

function azureClient(secret: Secret): AzureClient | undefined {
  const field = (name: string): string | undefined => secretText(secret, name)
  const [tenantId, clientId, authorityHost] = [field('tenantId'), field('clientId'), field('authorityHost')]
  if (tenantId === undefined || clientId === undefined) return undefined
  const clientSecret = field('clientSecret')
  const pem = field('clientCertificate')
  if (clientSecret !== undefined) {
    return { tenantId, clientId, authorityHost, proof: { kind: 'secret', secret: clientSecret } }
  }
  if (pem === undefined) return undefined
  const sendChain = ['1', 'true'].includes(field('clientCertificateSendChain')?.toLowerCase() ?? '')
  const password = field('clientCertificatePassword')
  return { tenantId, clientId, authorityHost, proof: { kind: 'certificate', pem, password, sendChain } }
}

async function managed(
  { deps }: BucketWork,
  secret: Secret,
  { proxy, signal }: BucketConnection,
): Promise<AzureCredentials> {
  if (!deps.cloud) throw new SecretError('managed identities are not available')
  const { logins } = await deps.cloud.open({ namespace: '', proxy, signal })
  const token = await logins.azureManaged(secretText(secret, 'clientId') ?? '', azureScope, { proxy, signal })
  return { kind: 'token', token }
}

async function keyFileToken(secret: Secret, connection: BucketConnection): Promise<string> {
  const { parseServiceAccount, serviceAccountToken } = await import('@sluice/cloud')
  const account = parseServiceAccount(secretText(secret, 'serviceaccount') ?? '')
  return (await serviceAccountToken(account, googleScope, callOf(connection))).token
}

/** An exchange that needs nothing of the machine. */
function callOf({ http, signal, proxy, tls, now }: BucketConnection): CloudCall {
  return { http, signal, proxy, tls, now, surroundings: nowhere }
}

const nowhere: CloudSurroundings = {
  env: {},
  readFile: () => Promise.reject(new SecretError('no file is read')),
}
