import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto'
import { mediaTypes, type OciRepositoryClient } from '@sluice/oci'

/** A pair of keys in PEM, as `cosign generate-key-pair` makes them, but without a password. */
export function cosignKeys(): { readonly privateKey: string; readonly publicKey: string } {
  return generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
}

/** Signs a manifest as `cosign sign --key` does. With `payloadDigest`, what is signed names that manifest instead. */
export async function signManifest(
  client: OciRepositoryClient,
  {
    digest,
    privateKey,
    payloadDigest = digest,
  }: { readonly digest: string; readonly privateKey: string; readonly payloadDigest?: string },
): Promise<void> {
  const payload = new TextEncoder().encode(
    JSON.stringify({ critical: { image: { 'docker-manifest-digest': payloadDigest }, type: 'cosign' } }),
  )
  const signature = sign('sha256', payload, createPrivateKey(privateKey)).toString('base64')
  const layer = {
    mediaType: 'application/vnd.dev.cosign.simplesigning.v1+json',
    digest: await client.pushBlob(payload),
    size: payload.length,
    annotations: { 'dev.cosignproject.cosign/signature': signature },
  }
  const config = {
    mediaType: 'application/vnd.oci.image.config.v1+json',
    digest: await client.pushBlob(new TextEncoder().encode('{}')),
    size: 2,
  }
  const manifest = JSON.stringify({ schemaVersion: 2, config, layers: [layer] })
  const tag = `${digest.replace(':', '-')}.sig`
  await client.pushManifest(tag, new TextEncoder().encode(manifest), mediaTypes.manifest)
}
