import { age, column, type KindDefinition, ready, status } from './kind-definition.ts'
import { needed, record, text } from './schema-node.ts'
import { artifact, conditions } from './shared-schemas.ts'
import { sourceGroup } from './source-kinds.ts'

export const externalArtifactDefinition: KindDefinition = {
  ...sourceGroup,
  kind: 'ExternalArtifact',
  plural: 'externalartifacts',
  singular: 'externalartifact',
  shortNames: ['ea'],
  versions: [{ name: 'v1', columns: [age, ready, status, column('Source', '.spec.sourceRef.name')] }],
  statusBeginsUnobserved: false,
  description: 'An artifact that something outside of the toolkit makes and serves.',
  spec: record('Where the artifact comes from.', {
    sourceRef: record('The object that the artifact is made from.', {
      apiVersion: text('API version of the object.'),
      kind: needed(text('Kind of the object.')),
      name: needed(text('Name of the object.')),
      namespace: text('Namespace of the object.'),
    }),
  }),
  status: record('The artifact.', { artifact: artifact('Latest artifact.'), conditions }),
}
