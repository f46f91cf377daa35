import { imageBetas, imageGroup, sinceImageBeta2 } from './image-kinds.ts'
import { age, column, type KindDefinition, ready, status } from './kind-definition.ts'
import { needed, only, record, type SchemaNode, text } from './schema-node.ts'
import { commonStatus, duration, suspend } from './shared-schemas.ts'

const latestImage = column('LatestImage', '.status.latestImage')

/** An image with its tag and digest; shared with ImageUpdateAutomation's observed policies. */
export function imageReference(description: string): SchemaNode {
  return record(description, {
    name: needed(text('Name of the image.')),
    tag: needed(text('Its tag.')),
    digest: text('Its digest.'),
  })
}

function order(description: string): SchemaNode {
  return record(description, {
    order: text('Whether the last or the first in ascending order is taken.', {
      enum: ['asc', 'desc'],
      default: 'asc',
    }),
  })
}

export const imagePolicyDefinition: KindDefinition = {
  ...imageGroup,
  kind: 'ImagePolicy',
  plural: 'imagepolicies',
  singular: 'imagepolicy',
  shortNames: ['imgpol', 'imagepol'],
  substitutionDisabled: false,
  versions: [
    {
      name: 'v1',
      columns: [
        column('Image', '.status.latestRef.name'),
        column('Tag', '.status.latestRef.tag'),
        ready,
        status,
        age,
      ],
    },
    { name: 'v1beta2', columns: [latestImage], deprecated: true },
    { name: 'v1beta1', columns: [latestImage], deprecated: true },
  ],
  description: 'Selects the latest tag of a scanned image.',
  spec: record(
    'Which tags, and which of them is the latest.',
    {
      imageRepositoryRef: needed(
        record('The ImageRepository with the tags.', {
          name: needed(text('Name of the ImageRepository.')),
          namespace: text('Its namespace; that of this object when absent.'),
        }),
      ),
      policy: needed(
        record('How tags are ordered; one of these.', {
          semver: record('By semantic version.', {
            range: needed(text('Range that a version must be in.')),
          }),
          alphabetical: order('By text.'),
          numerical: order('By number.'),
        }),
      ),
      filterTags: record('Which tags count, and what of them.', {
        pattern: text('Regular expression that a tag must match.'),
        extract: text('What of the match is ordered, with `$name` for groups.'),
      }),
      digestReflectionPolicy: only(
        sinceImageBeta2,
        text('When the digest of the latest tag is looked up.', {
          enum: ['Always', 'IfNotPresent', 'Never'],
          default: 'Never',
        }),
      ),
      interval: only(sinceImageBeta2, duration('Time between two looks at the digest.')),
      suspend: only(sinceImageBeta2, suspend),
    },
    {
      rules: [
        {
          rule: "!has(self.interval) || (has(self.digestReflectionPolicy) && self.digestReflectionPolicy == 'Always')",
          message: "spec.interval is only accepted when spec.digestReflectionPolicy is set to 'Always'",
          only: sinceImageBeta2,
        },
        {
          rule: "has(self.interval) || !has(self.digestReflectionPolicy) || self.digestReflectionPolicy != 'Always'",
          message: "spec.interval must be set when spec.digestReflectionPolicy is set to 'Always'",
          only: sinceImageBeta2,
        },
      ],
    },
  ),
  status: record('What was selected.', {
    ...commonStatus,
    latestRef: only(sinceImageBeta2, imageReference('The latest image.')),
    observedPreviousRef: only(sinceImageBeta2, imageReference('The latest image before that.')),
    latestImage: only(imageBetas, text('The latest image with its tag.')),
    observedPreviousImage: only(imageBetas, text('The latest image before that.')),
  }),
}
