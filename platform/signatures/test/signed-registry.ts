import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createHttp } from '@sluice/host'
import {
  mediaTypes,
  memoryRegistryStore,
  type OciRepositoryClient,
  ociRepository,
  pushArtifact,
  registryHandler,
} from '@sluice/oci'
import type { SignedArtifact } from '../src/verify-signature.ts'

/** A registry with artifacts to sign. */
export type SignedRegistry = {
  /** A new artifact, with the size of its manifest. */
  readonly artifact: () => Promise<SignedArtifact & { readonly size: number }>
  /** Stores a blob as a manifest's only layer. */
  readonly attach: (artifact: SignedArtifact, attachment: Attachment) => Promise<void>
  readonly close: () => Promise<void>
}

export type Attachment = {
  readonly content: Uint8Array
  readonly mediaType: string
  readonly annotations?: Readonly<Record<string, string>>
  /** Refers to the artifact as this; without it, it is found by its tag. */
  readonly artifactType?: string
}

export async function startRegistry(): Promise<SignedRegistry> {
  const http = createHttp()
  const { signal } = new AbortController()
  const server = createServer(registryHandler({ store: memoryRegistryStore() }))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const registry = `127.0.0.1:${(server.address() as AddressInfo).port}`
  let count = 0

  return {
    artifact: async () => {
      count += 1
      const repository = `team/app${count}`
      const client = ociRepository({ registry, repository }, { http, signal, timeoutMs: 5000 })
      const digest = await pushArtifact(client, 'v1', { content: Buffer.from(`content ${count}`) })
      const { bytes } = await client.pullManifest(digest)
      return { client, place: `registry.test/${repository}`, digest, size: bytes.length }
    },
    attach,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await http.close()
    },
  }
}

async function attach(
  { client, digest }: SignedArtifact,
  { content, mediaType, annotations = {}, artifactType }: Attachment,
): Promise<void> {
  const layer = { mediaType, digest: await client.pushBlob(content), size: content.length, annotations }
  const empty = { mediaType: 'application/vnd.oci.empty.v1+json', ...(await pushEmpty(client)) }
  const subject = { mediaType: mediaTypes.manifest, digest, size: 1 }
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaTypes.manifest,
      config: empty,
      layers: [layer],
      ...(artifactType === undefined ? {} : { artifactType, subject }),
    }),
  )
  const own = `sha256:${createHash('sha256').update(manifest).digest('hex')}`
  const reference = artifactType === undefined ? `${digest.replace(':', '-')}.sig` : own
  await client.pushManifest(reference, manifest, mediaTypes.manifest)
}

async function pushEmpty(
  client: OciRepositoryClient,
): Promise<{ readonly digest: string; readonly size: number }> {
  return { digest: await client.pushBlob(Buffer.from('{}')), size: 2 }
}
