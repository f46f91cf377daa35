import { age, type KindDefinition, ready, status } from './kind-definition.ts'
import { list, needed, record, text } from './schema-node.ts'
import { commonMetadata, conditions, lastHandledReconcileAt } from './shared-schemas.ts'

const alias = '[a-z0-9]([a-z0-9_-]*[a-z0-9])?'
const aliasPattern = `^@(${alias})$`

const source = record('A source, by an alias.', {
  alias: needed(text('Name of the source in this object.', { maxLength: 63, pattern: `^${alias}$` })),
  kind: needed(
    text('Kind of the source.', {
      enum: ['Bucket', 'GitRepository', 'OCIRepository', 'HelmChart', 'ExternalArtifact'],
    }),
  ),
  name: needed(text('Name of the source.', { maxLength: 253, pattern: '^[a-z0-9]([a-z0-9-]*[a-z0-9])?$' })),
  namespace: text('Namespace of the source; that of this object when absent.', {
    minLength: 1,
    maxLength: 63,
    pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$',
  }),
})

const copy = record('Files to copy.', {
  from: needed(
    text('What to copy, as `@alias/glob`.', {
      minLength: 1,
      maxLength: 1024,
      pattern: `^@(${alias})/(.*)$`,
    }),
  ),
  to: needed(
    text('Where to, as `@artifact/path`.', { minLength: 1, maxLength: 1024, pattern: '^@(artifact)/(.*)$' }),
  ),
  exclude: list('Globs of files to leave out.', text('A glob.'), { maxItems: 100 }),
  strategy: text('What happens to files that are there: replaced, merged as values, or unpacked into.', {
    enum: ['Overwrite', 'Merge', 'Extract'],
  }),
})

const artifactTemplate = record('An artifact to make.', {
  name: needed(text('Name of the ExternalArtifact.', { minLength: 1, maxLength: 253 })),
  revision: text('Source whose revision is taken, as `@alias`; the digest of the content when absent.', {
    maxLength: 64,
    pattern: aliasPattern,
  }),
  originRevision: text('Source whose revision is noted as the origin, as `@alias`.', {
    maxLength: 64,
    pattern: aliasPattern,
  }),
  copy: needed(list('What is in the artifact.', copy, { minItems: 1 })),
})

export const artifactGeneratorDefinition: KindDefinition = {
  group: 'source.extensions.fluxcd.io',
  categories: ['all', 'fluxcd', 'fluxcd-sources'],
  storage: 'v1beta1',
  statusBeginsUnobserved: false,
  substitutionDisabled: true,
  kind: 'ArtifactGenerator',
  plural: 'artifactgenerators',
  singular: 'artifactgenerator',
  shortNames: ['ag'],
  versions: [{ name: 'v1beta1', columns: [age, ready, status] }],
  description: 'Composes artifacts of several sources, or splits one into many.',
  spec: record(
    'What to make of which sources.',
    {
      sources: needed(list('Sources to take files from.', source, { minItems: 1, maxItems: 1000 })),
      artifacts: needed(list('Artifacts to make.', artifactTemplate, { minItems: 1, maxItems: 1000 })),
      pathPattern: text('Directories to make an artifact of each, as `@alias/apps/{app}`.', {
        maxLength: 1024,
        pattern: `^@(${alias})/(.*)$`,
      }),
      commonMetadata,
    },
    {
      rules: [
        {
          rule: "has(self.pathPattern) && size(self.pathPattern) > 0 || self.artifacts.all(a, a.name.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$'))",
          message: 'artifact names must be valid Kubernetes object names when pathPattern is not set',
        },
      ],
    },
  ),
  status: record('What was made.', {
    conditions,
    lastHandledReconcileAt,
    observedSourcesDigest: text('Digest of the sources that the artifacts were made from.'),
    inventory: list(
      'ExternalArtifacts that were made.',
      record('An ExternalArtifact.', {
        name: needed(text('Its name.')),
        namespace: needed(text('Its namespace.')),
        digest: needed(text('Digest of its file.')),
        filename: needed(text('Name of its file.')),
      }),
    ),
  }),
}
