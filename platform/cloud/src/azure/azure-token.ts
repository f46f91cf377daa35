import { type CloudCall, type CloudIdentity, type CloudToken, readText, variable } from '../cloud-call.ts'
import { CloudError } from '../cloud-error.ts'
import { askJson, textField } from '../exchange.ts'
import { azureClientToken } from './client-token.ts'

const audience = 'api://AzureADTokenExchange'
const clientAnnotation = 'azure.workload.identity/client-id'
const tenantAnnotation = 'azure.workload.identity/tenant-id'
const metadataService = 'http://169.254.169.254/metadata/identity/oauth2/token'

/**
 * A token of an identity: of ServiceAccounts that of the application that is annotated; of the program itself, what is there
 * first of a secret in the environment, workload identity and the machine's managed identity.
 *
 * @param scope such as `https://management.azure.com/.default`
 * @throws {CloudError}
 */
export async function azureToken(
  identity: CloudIdentity,
  scope: string,
  call: CloudCall,
): Promise<CloudToken> {
  const authorityHost = variable(call, 'AZURE_AUTHORITY_HOST')
  if (identity.kind === 'serviceAccount') {
    const tenantId = annotation(identity.annotations, tenantAnnotation, 'tenant')
    const clientId = annotation(identity.annotations, clientAnnotation, 'client')
    const proof = { kind: 'federated', token: await identity.token(audience, call) } as const
    return azureClientToken({ tenantId, clientId, authorityHost, proof }, scope, call)
  }
  const tenantId = variable(call, 'AZURE_TENANT_ID')
  const clientId = variable(call, 'AZURE_CLIENT_ID')
  if (tenantId !== undefined && clientId !== undefined) {
    const secret = variable(call, 'AZURE_CLIENT_SECRET')
    const tokenFile = variable(call, 'AZURE_FEDERATED_TOKEN_FILE')
    const client = { tenantId, clientId, authorityHost }
    if (secret !== undefined) {
      return azureClientToken({ ...client, proof: { kind: 'secret', secret } }, scope, call)
    }
    if (tokenFile !== undefined) {
      const proof = { kind: 'federated', token: await readText(call, tokenFile) } as const
      return azureClientToken({ ...client, proof }, scope, call)
    }
  }
  return managedIdentityToken(clientId, scope, call)
}

/** Source: https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token */
export async function managedIdentityToken(
  clientId: string | undefined,
  scope: string,
  call: CloudCall,
): Promise<CloudToken> {
  const query = new URLSearchParams({
    'api-version': '2018-02-01',
    resource: scope.replace(/\/\.default$/, ''),
    ...(clientId === undefined ? {} : { client_id: clientId }),
  })
  const what = 'managed identity'
  const question = {
    method: 'GET',
    url: `${metadataService}?${query.toString()}`,
    headers: { metadata: 'true' },
    isLocal: true,
  } as const
  const answer = await askJson(question, call, what)
  const seconds = Number(answer['expires_on'])
  return {
    token: textField(answer, 'access_token', what),
    expiresAt: Number.isFinite(seconds) ? seconds * 1000 : 0,
  }
}

function annotation(annotations: Readonly<Record<string, string>>, name: string, what: string): string {
  const value = annotations[name]
  if (value) return value
  throw new CloudError(`azure ${what} ID is not set in the service account annotation ${name}`)
}
