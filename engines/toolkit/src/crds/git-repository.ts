import { column, type KindDefinition } from './kind-definition.ts'
import { flag, list, needed, only, record, type SchemaNode, text } from './schema-node.ts'
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

/** What to check out; shared with the image automation's checkout. */
export const gitReference: SchemaNode = record(
  'What to check out: commit wins over name, semver, tag and branch; the branch `master` when absent.',
  {
    branch: text('A branch; with a commit, the branch that the commit is on.'),
    tag: text('A tag.'),
    semver: text('A range of versions; the highest matching tag is taken.'),
    name: only(['v1', 'v1beta2'], text('A full reference such as `refs/pull/420/head`.')),
    commit: text('The SHA of a commit.'),
  },
)

function includes(description: string): SchemaNode {
  return list(
    description,
    record('Another GitRepository whose artifact is laid over this one.', {
      repository: needed(localReference('The GitRepository.', 'Name of the GitRepository.')),
      fromPath: text('Directory to take from it; its root when absent.'),
      toPath: text('Directory to put it in; the name of the repository when absent.'),
    }),
  )
}

const verify = record('Signatures that must be valid.', {
  mode: needed(
    text('Which Git objects are verified.', {
      enum: ['head', 'HEAD', 'Tag', 'TagAndHEAD'],
      default: 'HEAD',
    }),
    betas,
  ),
  secretRef: needed(localReference('Secret with the public keys of trusted authors.'), ['v1', 'v1beta2']),
})

export const gitRepositoryDefinition: KindDefinition = {
  ...sourceGroup,
  kind: 'GitRepository',
  plural: 'gitrepositories',
  singular: 'gitrepository',
  shortNames: ['gitrepo'],
  versions: sourceVersions(column('URL', '.spec.url')),
  description: 'A Git repository to fetch and to serve as an artifact.',
  spec: record(
    'What to fetch, and how.',
    {
      url: needed(
        text('HTTP, HTTPS or SSH address of the repository.', { pattern: '^(http|https|ssh)://.*$' }),
      ),
      interval: needed(interval),
      timeout: fetchDuration('Longest time that Git operations may take.', '60s'),
      secretRef: localReference('Secret with credentials for the repository.'),
      provider: only(
        ['v1'],
        text('Who authenticates: static credentials, or a cloud or forge.', {
          enum: ['generic', 'aws', 'azure', 'github'],
        }),
      ),
      serviceAccountName: only(['v1'], text('ServiceAccount whose workload identity is used.')),
      ref: gitReference,
      verify,
      proxySecretRef: only(['v1'], localReference('Secret with the address and credentials of a proxy.')),
      ignore: text('Patterns of files to leave out, as in .sourceignore; replaces the default patterns.'),
      suspend,
      recurseSubmodules: flag('Fetches submodules as well, with the same credentials.'),
      include: includes('GitRepositories to lay over this one.'),
      sparseCheckout: only(['v1'], list('Directories to check out; all when absent.', text('A directory.'))),
      gitImplementation: only(
        betas,
        text('Git library to use; without effect.', { enum: ['go-git', 'libgit2'], default: 'go-git' }),
      ),
      accessFrom: only(betas, accessFrom('Namespaces that may refer to this object; without effect.')),
    },
    {
      rules: [
        {
          rule: "!has(self.serviceAccountName) || (has(self.provider) && (self.provider == 'azure' || self.provider == 'aws'))",
          message: "serviceAccountName can only be set when provider is 'azure' or 'aws'",
          only: ['v1'],
        },
      ],
    },
  ),
  status: record('What was fetched.', {
    ...commonStatus,
    artifact: artifact('Latest artifact of the repository.'),
    includedArtifacts: list('Artifacts that were laid over it.', artifact('An included artifact.')),
    observedIgnore: only(['v1', 'v1beta2'], text('Value of `ignore` that the artifact was made with.')),
    observedInclude: only(['v1', 'v1beta2'], includes('Value of `include` that the artifact was made with.')),
    observedRecurseSubmodules: only(
      ['v1', 'v1beta2'],
      flag('Value of `recurseSubmodules` that the artifact was made with.'),
    ),
    observedSparseCheckout: only(
      ['v1'],
      list('Value of `sparseCheckout` that the artifact was made with.', text('A directory.')),
    ),
    sourceVerificationMode: only(['v1'], text('Mode of the verification that succeeded last.')),
    url: only(betas, text('Address of the latest artifact.')),
    contentConfigChecksum: only(['v1beta2'], text('Checksum of the configuration of the artifact.')),
  }),
}
