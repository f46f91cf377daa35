import { column, type KindDefinition } from './kind-definition.ts'
import { registryProvider } from './oci-repository.ts'
import { flag, needed, only, record, text } from './schema-node.ts'
import {
  accessFrom,
  artifact,
  commonStatus,
  fetchDuration,
  interval,
  localReference,
  suspend,
} from './shared-schemas.ts'
import { sourceGroup, sourceVersions } from './source-kinds.ts'

const sinceBeta2 = ['v1', 'v1beta2'] as const

export const helmRepositoryDefinition: KindDefinition = {
  ...sourceGroup,
  kind: 'HelmRepository',
  plural: 'helmrepositories',
  singular: 'helmrepository',
  shortNames: ['helmrepo'],
  versions: sourceVersions(column('URL', '.spec.url')),
  description: 'A repository of Helm charts whose index is fetched and served.',
  spec: record('What to fetch, and how.', {
    url: needed(
      text('Address of the repository: HTTP, HTTPS or OCI.', { pattern: '^(http|https|oci)://.*$' }),
    ),
    type: only(sinceBeta2, text('Whether it has an index, or is a registry.', { enum: ['default', 'oci'] })),
    interval: needed(interval, ['v1beta1']),
    timeout: fetchDuration('Longest time that a fetch may take.'),
    secretRef: localReference('Secret with credentials for the repository.'),
    certSecretRef: only(sinceBeta2, localReference('Secret with TLS certificates.')),
    passCredentials: flag('Sends credentials to other hosts that the index names, too.'),
    provider: only(sinceBeta2, registryProvider),
    insecure: only(sinceBeta2, flag('Allows HTTP without TLS for registries.')),
    suspend,
    accessFrom: accessFrom('Namespaces that may refer to this object; without effect.'),
  }),
  status: record('What was fetched.', {
    ...commonStatus,
    artifact: artifact('Latest index.'),
    url: text('Address of the latest index.'),
  }),
}
