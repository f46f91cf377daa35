import type { JsonObject } from '@sluice/ports'
import type { Command } from 'commander'
import { CliError } from '../../cli-error.ts'
import type { CommandContext } from '../../command-context.ts'
import { commaSeparated, goDuration } from '../../flags.ts'
import { cliKind } from '../../kinds.ts'
import { addCreateCommand, create, given, nameReference } from './creation.ts'
import { dependencies, sourceReference } from './references.ts'

type Flags = {
  readonly source?: string
  readonly path?: string
  readonly prune: boolean
  readonly wait?: boolean
  readonly healthCheck?: readonly string[]
  readonly healthCheckTimeout: string
  readonly dependsOn?: readonly string[]
  readonly serviceAccount?: string
  readonly decryptionProvider?: string
  readonly decryptionSecret?: string
  readonly targetNamespace?: string
  readonly kubeconfigSecretRef?: string
  readonly retryInterval?: string
}

const sourceKinds = ['OCIRepository', 'GitRepository', 'Bucket', 'ExternalArtifact']
const checkedKinds = new Set(['Deployment', 'DaemonSet', 'StatefulSet', 'HelmRelease'])

export function addCreateKustomization(group: Command, context: CommandContext): void {
  addCreateCommand<Flags>(group, 'kustomization', {
    context,
    description: 'create or update a Kustomization',
    action: async (name, { flags }) => {
      await create(
        {
          kind: 'Kustomization',
          announced: true,
          name,
          spec: specification(flags),
          finished: (object) => [
            `Kustomization ${name} is ready`,
            cliKind('Kustomization').reconciled(object),
          ],
        },
        { flags, context },
      )
    },
  })
    .alias('ks')
    .option('--source <kind/name.namespace>', 'source; a GitRepository when no kind is given')
    .option('--path <path>', 'directory in the source, ./…', './')
    .option('--prune', 'delete what the source no longer has', false)
    .option('--wait', 'wait until all objects are ready')
    .option('--health-check <kind/name.namespace>', 'workload to wait for', commaSeparated)
    .option('--health-check-timeout <duration>', 'how long to wait for health', goDuration, '2m0s')
    .option(
      '--depends-on <names>',
      'Kustomizations that must be ready before, [namespace/]name',
      commaSeparated,
    )
    .option('--service-account <name>', 'service account to apply as')
    .option('--decryption-provider <provider>', 'sops')
    .option('--decryption-secret <name>', 'Secret with the keys')
    .option('--target-namespace <name>', 'namespace for all objects')
    .option('--kubeconfig-secret-ref <name>', 'Secret with the kubeconfig of another cluster')
    .option('--retry-interval <duration>', 'time between two tries after a failure', goDuration)
    .option('--validation <how>', 'accepted and without effect: everything is validated by the server')
}

/** @throws {CliError} when the flags do not go together. */
function specification(flags: Flags & { readonly interval: string }): JsonObject {
  const { path = '', source, healthCheck = [], wait, healthCheckTimeout } = flags
  if (path === '') throw new CliError('path is required')
  if (!path.startsWith('./')) throw new CliError('path must begin with ./')
  if (!source) throw new CliError('source is required')
  const checks = wait ? [] : healthCheck.map(checkedHealth)
  return given({
    interval: flags.interval,
    path,
    prune: flags.prune,
    sourceRef: sourceReference(source, { kinds: sourceKinds, defaultKind: 'GitRepository' }),
    targetNamespace: flags.targetNamespace,
    dependsOn: dependencies(flags.dependsOn),
    kubeConfig: given({ secretRef: nameReference(flags.kubeconfigSecretRef) }),
    healthChecks: checks,
    wait: wait === true ? true : undefined,
    timeout: wait || checks.length > 0 ? healthCheckTimeout : undefined,
    serviceAccountName: flags.serviceAccount,
    decryption: decryption(flags),
    retryInterval: flags.retryInterval,
  })
}

function decryption({ decryptionProvider, decryptionSecret }: Flags): JsonObject | undefined {
  if (!decryptionProvider) return undefined
  if (decryptionProvider !== 'sops') {
    throw new CliError(`decryption provider '${decryptionProvider}' is not supported, must be one of: sops`)
  }
  return given({ provider: decryptionProvider, secretRef: nameReference(decryptionSecret) })
}

/** `<kind>/<name>.<namespace>`. @throws {CliError} */
function checkedHealth(text: string): JsonObject {
  const [kind = '', rest, ...more] = text.split('/')
  if (rest === undefined || more.length > 0) {
    throw new CliError(
      `invalid health check '${text}' must be in the format 'kind/name.namespace' [${text.split('/').join(' ')}]`,
    )
  }
  if (!checkedKinds.has(kind)) {
    throw new CliError(
      `invalid health check kind '${kind}' can be HelmRelease, Deployment, DaemonSet or StatefulSet`,
    )
  }
  const [name = '', namespace, ...others] = rest.split('.')
  if (namespace === undefined || others.length > 0) {
    throw new CliError(`invalid health check '${text}' must be in the format 'kind/name.namespace'`)
  }
  const apiVersion = kind === 'HelmRelease' ? 'helm.toolkit.fluxcd.io/v2' : undefined
  return given({ apiVersion, kind, name, namespace })
}
