import { createHash } from 'node:crypto'
import { mediaTypes, type RegistryStore } from '@sluice/oci'

const scanned =
  '0.9.0 1.0.0 1.0.1 1.1.0-rc.1 1.1.0 1.2.0 2.0.0 2.0.0-beta.2 v3.0.0 latest main-aaaa111-1700000001 ' +
  `main-bbbb222-1700000002 dev sha256-0000.sig sha256-${'0'.repeat(64)}.sig RELEASE.2024-01-01T00-00-00Z`

// Three tags that no document names are what the recorded checksum of the scan leaves room for: 1.0.0, 1.1.0 and 10.
const demo =
  'v1.2.0 1.0.0 1.0.1 1.1.0 0.9.0 2.0.0-rc.1 9 10 latest f4fc1ec e0b13c5 d3fc3d5 dev-aaaa1111-1699999999 ' +
  'main-25de3e1a-1695469144 main-d3fc3d5a-1695400000 main-e21d5f90-1695526572 RELEASE.2023-01-01T00-00-00Z ' +
  'RELEASE.2023-09-01T00-00-00Z'

/** Tags of the images that the recorded registries held. */
const tagsByImage: Readonly<Record<string, string>> = {
  'cnych/devops-demo': demo,
  'cnych/labdemo': '1.0.0 1.1.0 2.0.0',
  'cnych/scan': scanned,
  'cnych/scan-a': scanned,
  'cnych/scan-b': scanned,
  'cnych/scan-c': scanned,
  'cnych/scan-d': scanned,
}

export async function storeImages(store: RegistryStore): Promise<void> {
  const images = Object.entries(tagsByImage).flatMap(([repository, tags]) =>
    tags.split(' ').map((tag) => storeImage(store, repository, tag)),
  )
  await Promise.all([...images, storeImage(store, 'cnych/empty')])
}

/** Stores an image of its own for a tag; without a tag there is only its digest, and the repository has no tags. */
export async function storeImage(store: RegistryStore, repository: string, tag?: string): Promise<void> {
  const config = { mediaType: 'application/vnd.oci.image.config.v1+json', size: 2, digest: digestOf('{}') }
  const annotations = { 'org.opencontainers.image.ref.name': `${repository}:${tag ?? ''}` }
  const content = JSON.stringify({
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config,
    layers: [],
    annotations,
  })
  await store.putManifest(
    repository,
    { mediaType: mediaTypes.manifest, content: new TextEncoder().encode(content) },
    { digest: digestOf(content), ...(tag === undefined ? {} : { tag }) },
  )
}

function digestOf(content: string): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`
}
