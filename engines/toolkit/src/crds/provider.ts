import { age, type KindDefinition, ready, status } from './kind-definition.ts'
import { notificationBetas, notificationGroup } from './notification-kinds.ts'
import { needed, only, record, text } from './schema-node.ts'
import { commonStatus, duration, fetchDuration, localReference, suspend } from './shared-schemas.ts'

const oldColumns = [age, ready, status]

/** Services that events can be sent to. */
export const providerTypes: readonly string[] = [
  'slack',
  'discord',
  'msteams',
  'rocket',
  'generic',
  'generic-hmac',
  'github',
  'gitlab',
  'gitea',
  'giteapullrequestcomment',
  'bitbucketserver',
  'bitbucket',
  'azuredevops',
  'googlechat',
  'googlepubsub',
  'webex',
  'sentry',
  'azureeventhub',
  'telegram',
  'lark',
  'matrix',
  'opsgenie',
  'alertmanager',
  'grafana',
  'githubdispatch',
  'githubpullrequestcomment',
  'gitlabmergerequestcomment',
  'pagerduty',
  'datadog',
  'nats',
  'zulip',
  'otel',
  'zoom',
  'incident.io',
]

export const providerDefinition: KindDefinition = {
  ...notificationGroup,
  kind: 'Provider',
  plural: 'providers',
  singular: 'provider',
  shortNames: [],
  storage: 'v1beta3',
  versions: [
    { name: 'v1beta3', columns: [age] },
    { name: 'v1beta2', columns: oldColumns, deprecated: true },
    { name: 'v1beta1', columns: oldColumns, deprecated: true },
  ],
  description: 'A service that events can be sent to.',
  spec: record(
    'Which service, and how it is reached.',
    {
      type: needed(text('Kind of the service.', { enum: providerTypes })),
      address: text('Address of the service; the Secret may hold it instead.', { maxLength: 2048 }),
      channel: text('Channel, room or topic.', { maxLength: 2048 }),
      username: text('Name that events are sent under.', { maxLength: 2048 }),
      secretRef: localReference('Secret with credentials for the service.'),
      certSecretRef: localReference('Secret with TLS certificates.'),
      proxySecretRef: only(
        ['v1beta3'],
        localReference('Secret with the address and credentials of a proxy.'),
      ),
      proxy: text('Address of a proxy; use `proxySecretRef` instead.', {
        maxLength: 2048,
        pattern: '^(http|https)://.*$',
      }),
      timeout: fetchDuration('Longest time that sending may take.'),
      interval: only(['v1beta2', 'v1beta3'], duration('Without effect.')),
      serviceAccountName: only(['v1beta3'], text('ServiceAccount whose workload identity is used.')),
      commitStatusExpr: only(['v1beta3'], text('CEL expression for the identity of commit statuses.')),
      suspend,
    },
    {
      rules: [
        {
          rule: "self.type == 'github' || self.type == 'gitlab' || self.type == 'gitea' || self.type == 'bitbucketserver' || self.type == 'bitbucket' || self.type == 'azuredevops' || !has(self.commitStatusExpr)",
          message:
            "spec.commitStatusExpr is only supported for the 'github', 'gitlab', 'gitea', 'bitbucketserver', 'bitbucket', 'azuredevops' provider types",
          only: ['v1beta3'],
        },
      ],
    },
  ),
  status: record('Only in older versions; no longer written.', commonStatus),
  statusIn: notificationBetas,
}
