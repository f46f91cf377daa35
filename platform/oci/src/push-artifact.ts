import type { OciRepositoryClient } from './client/oci-client.ts'
import { mediaTypes } from './manifest.ts'

export type ArtifactPush = {
  /** A tar.gz, or for charts the chart's archive. */
  readonly content: Uint8Array
  readonly annotations?: Readonly<Record<string, string>>
  /** Default: that of Flux's content. */
  readonly layerMediaType?: string
  /** Default: that of Flux's configuration. */
  readonly configMediaType?: string
  /** Default: `{}`. */
  readonly config?: Uint8Array
}

/** Pushes one layer as an artifact, the way `flux push artifact` and `helm push` do. The manifest's digest. */
export async function pushArtifact(
  repository: OciRepositoryClient,
  tag: string,
  push: ArtifactPush,
): Promise<string> {
  const config = push.config ?? new TextEncoder().encode('{}')
  const descriptor = async (mediaType: string, content: Uint8Array): Promise<object> => ({
    mediaType,
    size: content.length,
    digest: await repository.pushBlob(content),
  })
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: await descriptor(push.configMediaType ?? mediaTypes.fluxConfig, config),
    layers: [await descriptor(push.layerMediaType ?? mediaTypes.fluxContent, push.content)],
    ...(push.annotations ? { annotations: push.annotations } : {}),
  }
  return repository.pushManifest(tag, new TextEncoder().encode(JSON.stringify(manifest)), mediaTypes.manifest)
}
