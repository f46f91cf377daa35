import type { MasterKey } from '../sops/metadata.ts'
import { SopsError } from '../sops-error.ts'
import { callJson, type KeyServiceHttp, textField } from './http-json.ts'

/** Decrypts with the transit engine of a Vault or OpenBao. */
export async function unwrapWithVault(
  { address, enginePath, keyName, enc }: Extract<MasterKey, { kind: 'hc_vault' }>,
  { token, ...services }: KeyServiceHttp & { readonly token: string },
  { signal }: { readonly signal: AbortSignal },
): Promise<Uint8Array> {
  const url = new URL(address)
  // A document names the server that gets the token: at least not in the clear.
  if (url.protocol !== 'https:' && url.hostname !== 'localhost' && url.hostname !== '127.0.0.1') {
    throw new SopsError('SOPS_KEY_REFUSED', `refused to send a token to ${url.host} without TLS`)
  }
  const base = address.replace(/\/+$/, '')
  const answer = await callJson(
    services,
    {
      method: 'PUT',
      url: `${base}/v1/${enginePath}/decrypt/${encodeURIComponent(keyName)}`,
      headers: { 'x-vault-token': token },
      body: { ciphertext: enc },
    },
    { signal },
  )
  return Buffer.from(textField(answer, 'data', 'plaintext'), 'base64')
}
