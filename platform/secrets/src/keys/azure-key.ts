import { parseYaml } from '@sluice/yaml'
import type { MasterKey } from '../sops/metadata.ts'
import { SopsError } from '../sops-error.ts'
import { callJson, type KeyServiceHttp, textField } from './http-json.ts'

/** An application that may use keys, with its secret. */
export type AzureCredentials = {
  readonly tenantId: string
  readonly clientId: string
  readonly clientSecret: string
  readonly authorityHost: string
}

/** Reads the entry `sops.azure-kv` of a decryption Secret. */
export function parseAzureCredentials(text: string): AzureCredentials {
  const value = parseYaml(text)
  const field = (...names: readonly string[]): string => {
    const fields = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
    const found = names.map((name) => fields[name]).find((item) => typeof item === 'string' && item !== '')
    return typeof found === 'string' ? found : ''
  }
  const credentials = {
    // The two spellings are those of Flux and of the Azure command line.
    tenantId: field('tenantId', 'tenant'),
    clientId: field('clientId', 'appId'),
    clientSecret: field('clientSecret', 'password'),
    authorityHost: field('authorityHost') || 'https://login.microsoftonline.com/',
  }
  if (!credentials.tenantId || !credentials.clientId || !credentials.clientSecret) {
    throw new SopsError(
      'SOPS_MALFORMED',
      'invalid data: requires a tenantId, a clientId and a clientSecret for the Azure Key Vault',
    )
  }
  return credentials
}

export async function unwrapWithAzure(
  { vaultUrl, name, version, enc }: Extract<MasterKey, { kind: 'azure_kv' }>,
  { credentials, ...services }: KeyServiceHttp & { readonly credentials: AzureCredentials },
  { signal }: { readonly signal: AbortSignal },
): Promise<Uint8Array> {
  const vault = new URL(vaultUrl)
  // The token is good for every vault of the tenant, so it only goes where vaults are.
  const domain = /\.(vault\.azure\.(net|cn)|vault\.usgovcloudapi\.net|vault\.microsoftazure\.de)$/.exec(
    vault.hostname,
  )?.[1]
  if (vault.protocol !== 'https:' || domain === undefined) {
    throw new SopsError('SOPS_KEY_REFUSED', `${vault.host} is no Azure Key Vault`)
  }
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: credentials.clientId,
    client_secret: credentials.clientSecret,
    scope: `https://${domain}/.default`,
  })
  const authority = credentials.authorityHost.replace(/\/*$/, '/')
  const granted = await callJson(
    services,
    { url: `${authority}${credentials.tenantId}/oauth2/v2.0/token`, body: form.toString() },
    { signal },
  )
  const answer = await callJson(
    services,
    {
      url: `https://${vault.host}/keys/${name}/${version}/decrypt?api-version=7.4`,
      headers: { authorization: `Bearer ${textField(granted, 'access_token')}` },
      body: { alg: 'RSA-OAEP-256', value: enc },
    },
    { signal },
  )
  return Buffer.from(textField(answer, 'value'), 'base64url')
}
