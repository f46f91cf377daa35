import { list, map, needed, only, record, type SchemaNode, text, whole } from './schema-node.ts'
import { commonStatus, inventory, time } from './shared-schemas.ts'

const v2 = ['v2'] as const
const betas = ['v2beta1', 'v2beta2'] as const

const history = list(
  'Releases that were made, newest first.',
  record('A release.', {
    apiVersion: text('Version of this record.'),
    action: only(v2, text('The action that made it.')),
    digest: needed(text('Checksum of the release object.')),
    name: needed(text('Name of the release.')),
    namespace: needed(text('Namespace it was released to.')),
    version: needed(whole('Its number.')),
    status: needed(text('Its state in Helm.')),
    chartName: needed(text('Name of the chart.')),
    chartVersion: needed(text('Version of the chart.')),
    appVersion: text('Version of the application.'),
    configDigest: needed(text('Checksum of the values.')),
    firstDeployed: needed(time('When it was first deployed.')),
    lastDeployed: needed(time('When it was last deployed.')),
    deleted: time('When it was deleted.'),
    testHooks: map(
      'Tests that were run, by name.',
      record('A test.', {
        lastStarted: time('When it began.'),
        lastCompleted: time('When it ended.'),
        phase: text('How it ended.'),
      }),
    ),
    ociDigest: text('Digest of the chart in its registry.'),
  }),
)

const count = (description: string): SchemaNode => whole(description, { format: 'int64' })

export const helmReleaseStatus: SchemaNode = record('What was released.', {
  ...commonStatus,
  helmChart: text('The HelmChart as `<namespace>/<name>`.'),
  storageNamespace: text('Namespace of the release objects.', { minLength: 1, maxLength: 63 }),
  history,
  inventory: only(v2, inventory),
  failures: count('Failures since the last success.'),
  installFailures: count('Failed installations since the last success.'),
  upgradeFailures: count('Failed upgrades since the last success.'),
  lastAttemptedGeneration: count('Generation that was tried last.'),
  lastAttemptedRevision: text('Version of the chart that was tried last.'),
  lastAttemptedRevisionDigest: only(['v2', 'v2beta2'], text('Digest of the chart that was tried last.')),
  lastAttemptedConfigDigest: text('Digest of the values that were tried last.'),
  lastAttemptedReleaseAction: text('Action that was tried last.', { enum: ['install', 'upgrade'] }),
  lastAttemptedReleaseActionDuration: only(v2, text('How long it took.')),
  lastAttemptedValuesChecksum: text('SHA-1 of the values that were tried last; use the digest instead.'),
  lastReleaseRevision: whole('Number of the latest release; use `history` instead.'),
  lastHandledForceAt: text('Value of the forceAt annotation that was handled last.'),
  lastHandledResetAt: text('Value of the resetAt annotation that was handled last.'),
  observedPostRenderersDigest: text('Digest of the post renderers of the last success.'),
  observedCommonMetadataDigest: only(v2, text('Digest of the common metadata of the last success.')),
  lastAppliedRevision: only(betas, text('Version of the chart that was released last.')),
})
