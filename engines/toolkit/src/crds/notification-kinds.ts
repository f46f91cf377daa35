import type { KindDefinition } from './kind-definition.ts'
import { needed, record, type SchemaNode, text } from './schema-node.ts'
import { stringMap } from './shared-schemas.ts'

/** What the kinds of the notification group have in common. */
export const notificationGroup: Pick<
  KindDefinition,
  'group' | 'categories' | 'statusBeginsUnobserved' | 'substitutionDisabled'
> = {
  group: 'notification.toolkit.fluxcd.io',
  categories: ['all', 'fluxcd', 'fluxcd-notifications'],
  statusBeginsUnobserved: true,
  substitutionDisabled: true,
}

export const notificationBetas: readonly string[] = ['v1beta1', 'v1beta2']

/** An object that events come from, or that a webhook wakes. */
export function eventObject(more: Readonly<Record<string, SchemaNode>> = {}): SchemaNode {
  return record('Objects of a kind.', {
    apiVersion: text('API version of the objects.'),
    kind: needed(
      text('Kind of the objects.', {
        enum: [
          'Bucket',
          'GitRepository',
          'Kustomization',
          'HelmRelease',
          'HelmChart',
          'HelmRepository',
          'ImageRepository',
          'ImagePolicy',
          'ImageUpdateAutomation',
          'OCIRepository',
          'ArtifactGenerator',
          'ExternalArtifact',
        ],
      }),
    ),
    name: needed(text('Name of the object, or `*` for all.', { minLength: 1, maxLength: 253 })),
    namespace: text('Namespace of the objects; that of this object when absent.', {
      minLength: 1,
      maxLength: 253,
    }),
    matchLabels: stringMap('Labels that the objects must have, with the name `*`.'),
    ...more,
  })
}
