import { age, column, type KindDefinition, ready, status } from './kind-definition.ts'
import { flag, list, needed, only, record, type SchemaNode, text } from './schema-node.ts'
import { artifact, commonStatus, fetchDuration, interval, localReference, suspend } from './shared-schemas.ts'
import { sourceGroup } from './source-kinds.ts'

/** Clouds that hand out credentials for registries; shared with Helm repositories. */
export const registryProvider: SchemaNode = text('Who authenticates: static credentials, or a cloud.', {
  enum: ['generic', 'aws', 'azure', 'gcp'],
  default: 'generic',
})

/** How signatures of OCI artifacts are verified; shared with Helm charts. */
export function ociVerification(
  description: string,
  more: Readonly<Record<string, SchemaNode>> = {},
): SchemaNode {
  return record(description, {
    provider: needed(
      text('The technology of the signatures.', { enum: ['cosign', 'notation'], default: 'cosign' }),
    ),
    secretRef: localReference('Secret with trusted public keys; keyless verification when absent.'),
    matchOIDCIdentity: list(
      'Identities that may have signed; one match is enough.',
      record('An identity.', {
        issuer: needed(text('Regular expression for the issuer.')),
        subject: needed(text('Regular expression for the subject.')),
      }),
    ),
    ...more,
  })
}

function layerSelector(description: string): SchemaNode {
  return record(description, {
    mediaType: text('Media type of the layer; the first that matches is taken.'),
    operation: text('Whether the layer is unpacked and packed anew, or copied as it is.', {
      enum: ['extract', 'copy'],
    }),
  })
}

export const ociRepositoryDefinition: KindDefinition = {
  ...sourceGroup,
  kind: 'OCIRepository',
  plural: 'ocirepositories',
  singular: 'ocirepository',
  shortNames: ['ocirepo'],
  versions: [
    { name: 'v1', columns: [column('URL', '.spec.url'), ready, status, age] },
    { name: 'v1beta2', columns: [column('URL', '.spec.url'), ready, status, age], deprecated: true },
  ],
  description: 'An artifact in an OCI registry to fetch and to serve.',
  spec: record('What to fetch, and how.', {
    url: needed(text('Repository as `oci://host/path`, without a tag.', { pattern: '^oci://.*$' })),
    interval: needed(interval),
    timeout: fetchDuration('Longest time that a fetch may take.', '60s'),
    ref: record('What to fetch: digest wins over semver and tag; the tag `latest` when absent.', {
      digest: text('A digest as `sha256:<hex>`.'),
      semver: text('A range of versions; the highest matching tag is taken.'),
      semverFilter: text('Regular expression for tags that count as versions.'),
      tag: text('A tag.'),
    }),
    layerSelector: layerSelector('Which layer is the content; the first when absent.'),
    provider: registryProvider,
    secretRef: localReference('Secret with credentials, as for pulling images.'),
    serviceAccountName: text('ServiceAccount whose image pull secrets or workload identity are used.'),
    certSecretRef: localReference('Secret with TLS certificates.'),
    proxySecretRef: localReference('Secret with the address and credentials of a proxy.'),
    verify: ociVerification('Signatures that must be valid.', {
      trustedRootSecretRef: only(
        ['v1'],
        localReference('Secret with a trusted_root.json for keyless verification.'),
      ),
    }),
    insecure: flag('Allows HTTP without TLS.'),
    ignore: text('Patterns of files to leave out, as in .sourceignore; replaces the default patterns.'),
    suspend,
  }),
  status: record('What was fetched.', {
    ...commonStatus,
    artifact: artifact('Latest artifact.'),
    url: text('Address of the latest artifact.'),
    observedIgnore: text('Value of `ignore` that the artifact was made with.'),
    observedLayerSelector: layerSelector('Value of `layerSelector` that the artifact was made with.'),
    contentConfigChecksum: only(['v1beta2'], text('Checksum of the configuration of the artifact.')),
  }),
}
