import { age, type KindDefinition, ready, status } from './kind-definition.ts'
import { eventObject, notificationBetas, notificationGroup } from './notification-kinds.ts'
import { list, needed, only, record, text, type ValidationRule } from './schema-node.ts'
import { commonStatus, durationPattern, localReference, suspend } from './shared-schemas.ts'

const columns = [age, ready, status]

const rules: readonly ValidationRule[] = [
  {
    rule: "self.type != 'generic-oidc' || (has(self.oidcProviders) && size(self.oidcProviders) > 0)",
    message: 'generic-oidc receivers must define at least one oidcProvider',
    only: ['v1'],
  },
  {
    rule: "self.type == 'generic-oidc' || !has(self.oidcProviders) || size(self.oidcProviders) == 0",
    message: 'oidcProviders can only be set when type is generic-oidc',
    only: ['v1'],
  },
  {
    rule: "self.type != 'generic-oidc' || !has(self.secretRef)",
    message: 'secretRef cannot be set when type is generic-oidc',
    only: ['v1'],
  },
  {
    rule: "self.type == 'generic-oidc' || has(self.secretRef)",
    message: 'secretRef is required when type is not generic-oidc',
    only: ['v1'],
  },
]

const oidcProviders = list(
  'Issuers of tokens that callers may show.',
  record('An issuer.', {
    issuerURL: needed(text('Address of the issuer.', { pattern: '^https?://' })),
    audience: text('Audience that a token must name; `notification-controller` when absent.'),
    variables: list(
      'Values that the validations share.',
      record('A value.', {
        name: needed(text('Name of the variable.')),
        expression: needed(text('CEL expression over the claims.')),
      }),
    ),
    validations: needed(
      list(
        'What must hold of a token.',
        record('A rule.', {
          expression: needed(text('CEL expression that must be true.')),
          message: needed(text('What to say when it is not.')),
        }),
        { minItems: 1 },
      ),
    ),
  }),
  { listType: 'map', listMapKeys: ['issuerURL'] },
)

export const receiverDefinition: KindDefinition = {
  ...notificationGroup,
  kind: 'Receiver',
  plural: 'receivers',
  singular: 'receiver',
  shortNames: [],
  storage: 'v1',
  versions: [
    { name: 'v1', columns },
    { name: 'v1beta2', columns, deprecated: true },
    { name: 'v1beta1', columns, deprecated: true },
  ],
  description: 'A webhook that has objects reconciled.',
  spec: record(
    'Who may call, and what is reconciled then.',
    {
      type: needed(
        text('Kind of the caller.', {
          enum: [
            'generic',
            'generic-hmac',
            'generic-oidc',
            'github',
            'gitlab',
            'bitbucket',
            'harbor',
            'dockerhub',
            'quay',
            'gcr',
            'nexus',
            'acr',
            'cdevents',
          ],
        }),
      ),
      events: list('Events of the caller that count; all when empty.', text('An event.')),
      resources: needed(
        list(
          'Objects to reconcile.',
          eventObject({
            filter: only(['v1'], text('CEL expression that an object must fulfil.')),
          }),
        ),
      ),
      secretRef: needed(localReference('Secret with the token of the webhook.'), notificationBetas),
      resourceFilter: only(['v1'], text('CEL expression that all objects must fulfil.')),
      interval: only(
        ['v1', 'v1beta2'],
        text('Time between two reconciliations.', { pattern: durationPattern, default: '10m' }),
      ),
      suspend,
      oidcProviders: only(['v1'], oidcProviders),
    },
    { rules },
  ),
  status: record('Where to call.', {
    ...commonStatus,
    webhookPath: only(['v1', 'v1beta2'], text('Path of the webhook.')),
    url: only(notificationBetas, text('Path of the webhook; use `webhookPath` instead.')),
  }),
}
