import type { CloudCall, CloudIdentity } from '../cloud-call.ts'
import { askJson, textField } from '../exchange.ts'
import type { RegistryLogin } from '../registry-login.ts'
import { azureToken } from './azure-token.ts'

const hosts = /\.azurecr\.(io|cn|de|us)$/
/** Scope of Resource Manager in each of Azure's clouds, by the registries' domain. */
const scopes: Readonly<Record<string, string>> = {
  cn: 'https://management.chinacloudapi.cn/.default',
  us: 'https://management.usgovcloudapi.net/.default',
}
const publicScope = 'https://management.azure.com/.default'
/** The name of whoever logs in with a token. */
const username = '00000000-0000-0000-0000-000000000000'
const lifeMs = 3 * 3_600_000

export function isAcr(host: string): boolean {
  return hosts.test(host)
}

/**
 * A registry's refresh token for one of Entra.
 *
 * Source: https://github.com/Azure/acr/blob/main/docs/AAD-OAuth.md
 */
export async function acrLogin(
  host: string,
  identity: CloudIdentity,
  call: CloudCall,
): Promise<RegistryLogin> {
  const scope = scopes[hosts.exec(host)?.[1] ?? ''] ?? publicScope
  const { token } = await azureToken(identity, scope, call)
  const form = { grant_type: 'access_token', service: host, access_token: token }
  const what = 'ACR'
  const answer = await askJson({ method: 'POST', url: `https://${host}/oauth2/exchange`, form }, call, what)
  const password = textField(answer, 'refresh_token', what)
  return { username, password, expiresAt: expiryOf(password) ?? call.now() + lifeMs }
}

/** When a JSON Web Token ends, as it says itself. */
function expiryOf(token: string): number | undefined {
  try {
    const { exp } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as {
      exp?: unknown
    }
    return typeof exp === 'number' ? exp * 1000 : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
