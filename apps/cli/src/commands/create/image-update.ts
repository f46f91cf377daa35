import type { JsonObject } from '@sluice/ports'
import type { Command } from 'commander'
import { CliError } from '../../cli-error.ts'
import type { CommandContext } from '../../command-context.ts'
import { addCreateCommand, create, given, withApiVersion } from './creation.ts'

type Flags = {
  readonly gitRepoRef?: string
  readonly gitRepoNamespace?: string
  readonly gitRepoPath?: string
  readonly checkoutBranch?: string
  readonly pushBranch?: string
  readonly commitTemplate?: string
  readonly authorName?: string
  readonly authorEmail?: string
  readonly signingKeySecret?: string
  readonly signingKeyType?: string
}

export function addCreateImageUpdate(group: Command, context: CommandContext): void {
  withApiVersion(
    addCreateCommand<Flags>(group, 'image update', {
      context,
      description: 'create or update an ImageUpdateAutomation',
      action: async (name, { flags }) => {
        await create(
          {
            kind: 'ImageUpdateAutomation',
            announced: true,
            name,
            spec: specification(flags),
            finished: () => ['ImageUpdateAutomation reconciliation completed'],
          },
          { flags, context },
        )
      },
    }),
  )
    .option('--git-repo-ref <name>', 'GitRepository')
    .option('--git-repo-namespace <name>', 'namespace of the GitRepository')
    .option('--git-repo-path <path>', 'directory with the manifests')
    .option('--checkout-branch <name>', 'branch to check out')
    .option('--push-branch <name>', 'branch to push to; the one checked out when absent')
    .option('--commit-template <template>', 'template of the commit message')
    .option('--author-name <name>', 'name of the author')
    .option('--author-email <address>', 'address of the author')
    .option('--signing-key-secret <name>', 'Secret with the key that signs commits')
    .option('--signing-key-type <type>', 'gpg or ssh')
}

/** @throws {CliError} when something needed is not given. */
function specification(flags: Flags & { readonly interval: string }): JsonObject {
  const { gitRepoRef, checkoutBranch, authorName, authorEmail, signingKeySecret, signingKeyType } = flags
  if (!gitRepoRef) throw new CliError('a reference to a GitRepository is required (--git-repo-ref)')
  if (!checkoutBranch) throw new CliError('the Git repository branch is required (--checkout-branch)')
  if (!authorName) throw new CliError('the author name is required (--author-name)')
  if (!authorEmail) throw new CliError('the author email is required (--author-email)')
  if (signingKeyType && !signingKeySecret) {
    throw new CliError('--signing-key-type requires --signing-key-secret')
  }
  if (signingKeyType && signingKeyType !== 'gpg' && signingKeyType !== 'ssh') {
    throw new CliError('--signing-key-type must be one of: gpg, ssh')
  }
  return given({
    sourceRef: given({ kind: 'GitRepository', name: gitRepoRef, namespace: flags.gitRepoNamespace }),
    git: given({
      checkout: { ref: { branch: checkoutBranch } },
      commit: given({
        author: { name: authorName, email: authorEmail },
        messageTemplate: flags.commitTemplate,
        signingKey: signingKeySecret
          ? given({ secretRef: { name: signingKeySecret }, type: signingKeyType })
          : undefined,
      }),
      push: given({ branch: flags.pushBranch }),
    }),
    interval: flags.interval,
    update: flags.gitRepoPath ? { path: flags.gitRepoPath, strategy: 'Setters' } : undefined,
  })
}
