import { type OciDescriptor, OciError, type OciManifest, type OciRepositoryClient } from '@sluice/oci'

/** A manifest whose signatures are asked for. */
export type SignedArtifact = {
  readonly client: OciRepositoryClient
  /** Host and path of the repository, as messages and policies name it. */
  readonly place: string
  readonly digest: string
}

/** A manifest, if there is one. */
export async function manifestAt(
  client: OciRepositoryClient,
  reference: string,
): Promise<OciManifest | undefined> {
  try {
    const pulled = await client.pullManifest(reference)
    return pulled.kind === 'manifest' ? pulled.manifest : undefined
  } catch (error) {
    if (error instanceof OciError && error.code === 'OCI_NOT_FOUND') return undefined
    throw error
  }
}

/** What refers to the artifact and is of a kind, as far as registries tell it. */
export async function referrersOf(
  { client, digest }: SignedArtifact,
  isWanted: (descriptor: OciDescriptor) => boolean,
): Promise<readonly OciDescriptor[]> {
  return (await client.listReferrers(digest)).filter(isWanted)
}
