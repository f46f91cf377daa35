import { gitReference } from './git-repository.ts'
import { imageGroup, sinceImageBeta2 } from './image-kinds.ts'
import { imageReference } from './image-policy.ts'
import { age, column, type KindDefinition, ready, status } from './kind-definition.ts'
import { list, map, needed, only, record, text } from './schema-node.ts'
import { commonStatus, interval, localReference, stringMap, suspend, time } from './shared-schemas.ts'

const lastRun = '.status.lastAutomationRunTime'

const policySelector = record(
  'Policies whose images are updated; all of the namespace when absent.',
  {
    matchLabels: stringMap('Labels that a policy must have.'),
    matchExpressions: list(
      'Requirements on the labels of a policy.',
      record('A requirement.', {
        key: needed(text('Key of the label.')),
        operator: needed(text('How the label relates to the values.')),
        values: list('The values.', text('A value.'), { listType: 'atomic' }),
      }),
      { listType: 'atomic' },
    ),
  },
  { mapType: 'atomic' },
)

const git = record('How to work on the repository.', {
  checkout: record('What to start from; as the GitRepository says when absent.', {
    ref: needed(gitReference),
  }),
  commit: needed(
    record('The commits that are made.', {
      author: needed(
        record('Author of the commits.', {
          email: needed(text('Email address.')),
          name: text('Name.'),
        }),
      ),
      messageTemplate: text('Go template of the message.'),
      messageTemplateValues: only(sinceImageBeta2, stringMap('Values for the template.')),
      signingKey: record('Signs the commits.', {
        secretRef: needed(localReference('Secret with the private key.')),
        type: only(['v1'], text('Kind of the key.', { enum: ['gpg', 'ssh'] })),
      }),
    }),
  ),
  push: record('Where commits are pushed to; the branch that was checked out when absent.', {
    branch: text('A branch, made if it does not exist.'),
    refspec: text('A refspec to push.'),
    options: stringMap('Push options of the Git protocol.'),
  }),
})

export const imageUpdateAutomationDefinition: KindDefinition = {
  ...imageGroup,
  kind: 'ImageUpdateAutomation',
  plural: 'imageupdateautomations',
  singular: 'imageupdateautomation',
  shortNames: ['iua', 'imgupd', 'imgauto'],
  substitutionDisabled: true,
  versions: [
    { name: 'v1', columns: [ready, status, column('Last run', lastRun, 1), age] },
    { name: 'v1beta2', columns: [column('Last run', lastRun)], deprecated: true },
    { name: 'v1beta1', columns: [column('Last run', lastRun)], deprecated: true },
  ],
  description: 'Commits the images that policies select to a Git repository.',
  spec: record('What to update, where and how.', {
    sourceRef: needed(
      record('The repository to update.', {
        apiVersion: text('API version of the source.'),
        kind: needed(text('Kind of the source.', { enum: ['GitRepository'], default: 'GitRepository' })),
        name: needed(text('Name of the source.')),
        namespace: text('Namespace of the source; that of this object when absent.'),
      }),
    ),
    git,
    interval: needed(interval),
    policySelector: only(sinceImageBeta2, policySelector),
    update: record(
      'How files are updated.',
      {
        strategy: text('The way: by markers in comments.', { enum: ['Setters'], default: 'Setters' }),
        path: text('Directory to update; the whole repository when absent.'),
      },
      { default: { strategy: 'Setters' } },
    ),
    suspend,
  }),
  status: record('What was updated.', {
    ...commonStatus,
    lastAutomationRunTime: time('When the repository was last looked at.'),
    lastPushCommit: text('The commit that was pushed last.'),
    lastPushTime: time('When it was pushed.'),
    observedPolicies: only(
      sinceImageBeta2,
      map('Images by policy, as of the last update.', imageReference('An image.')),
    ),
    observedSourceRevision: only(sinceImageBeta2, text('Revision of the repository as of the last update.')),
  }),
}
