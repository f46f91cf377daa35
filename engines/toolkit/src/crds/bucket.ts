import { column, type KindDefinition } from './kind-definition.ts'
import { flag, needed, only, record, text, type ValidationRule } from './schema-node.ts'
import {
  accessFrom,
  artifact,
  commonStatus,
  fetchDuration,
  interval,
  localReference,
  suspend,
} from './shared-schemas.ts'
import { betas, sourceGroup, sourceVersions } from './source-kinds.ts'

const sinceBeta2 = ['v1', 'v1beta2'] as const

const rules: readonly ValidationRule[] = [
  {
    rule: "self.provider == 'aws' || self.provider == 'generic' || !has(self.sts)",
    message: "STS configuration is only supported for the 'aws' and 'generic' Bucket providers",
    only: sinceBeta2,
  },
  {
    rule: "self.provider != 'aws' || !has(self.sts) || self.sts.provider == 'aws'",
    message: "'aws' is the only supported STS provider for the 'aws' Bucket provider",
    only: sinceBeta2,
  },
  {
    rule: "self.provider != 'generic' || !has(self.sts) || self.sts.provider == 'ldap'",
    message: "'ldap' is the only supported STS provider for the 'generic' Bucket provider",
    only: sinceBeta2,
  },
  {
    rule: "!has(self.sts) || self.sts.provider != 'aws' || !has(self.sts.secretRef)",
    message: "spec.sts.secretRef is not required for the 'aws' STS provider",
    only: sinceBeta2,
  },
  {
    rule: "!has(self.sts) || self.sts.provider != 'aws' || !has(self.sts.certSecretRef)",
    message: "spec.sts.certSecretRef is not required for the 'aws' STS provider",
    only: sinceBeta2,
  },
  {
    rule: "self.provider != 'generic' || !has(self.serviceAccountName)",
    message: "ServiceAccountName is not supported for the 'generic' Bucket provider",
    only: ['v1'],
  },
  {
    rule: '!has(self.secretRef) || !has(self.serviceAccountName)',
    message: 'cannot set both .spec.secretRef and .spec.serviceAccountName',
    only: ['v1'],
  },
]

const sts = record('Where temporary credentials come from.', {
  provider: needed(text('Kind of the token service.', { enum: ['aws', 'ldap'] })),
  endpoint: needed(text('Address of the token service.', { pattern: '^(http|https)://.*$' })),
  secretRef: localReference('Secret with credentials for the token service.'),
  certSecretRef: localReference('Secret with TLS certificates for the token service.'),
})

export const bucketDefinition: KindDefinition = {
  ...sourceGroup,
  kind: 'Bucket',
  plural: 'buckets',
  singular: 'bucket',
  shortNames: [],
  versions: sourceVersions(column('Endpoint', '.spec.endpoint')),
  description: 'A bucket of an object store to fetch and to serve as an artifact.',
  spec: record(
    'What to fetch, and how.',
    {
      provider: text('Kind of the object store.', {
        enum: ['generic', 'aws', 'gcp', 'azure'],
        default: 'generic',
      }),
      bucketName: needed(text('Name of the bucket.')),
      endpoint: needed(text('Address of the object store.')),
      region: text('Region of the bucket.'),
      insecure: flag('Allows HTTP without TLS.'),
      prefix: only(sinceBeta2, text('Only objects whose key begins with this.')),
      secretRef: localReference('Secret with credentials for the object store.'),
      serviceAccountName: only(['v1'], text('ServiceAccount whose workload identity is used.')),
      certSecretRef: only(sinceBeta2, localReference('Secret with TLS certificates.')),
      proxySecretRef: only(sinceBeta2, localReference('Secret with the address and credentials of a proxy.')),
      sts: only(sinceBeta2, sts),
      interval: needed(interval),
      timeout: fetchDuration('Longest time that a fetch may take.', '60s'),
      ignore: text('Patterns of files to leave out, as in .sourceignore; replaces the default patterns.'),
      suspend,
      accessFrom: only(betas, accessFrom('Namespaces that may refer to this object; without effect.')),
    },
    { rules },
  ),
  status: record('What was fetched.', {
    ...commonStatus,
    artifact: artifact('Latest artifact.'),
    url: text('Address of the latest artifact.'),
    observedIgnore: only(sinceBeta2, text('Value of `ignore` that the artifact was made with.')),
  }),
}
