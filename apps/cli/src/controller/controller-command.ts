import { readFileSync } from 'node:fs'
import { homedir, hostname } from 'node:os'
import { KubeConfigError, nodeSurroundings } from '@sluice/cluster'
import {
  type CommandLine,
  FlagError,
  type ProcessSettings,
  readCommandLine,
  runControllers,
  usage,
} from '@sluice/controllers'
import type { Logger } from '@sluice/ports'
import { CliError } from '../cli-error.ts'
import type { CommandContext, ConnectionFlags } from '../command-context.ts'
import type { OpenLog } from '../commands/up.ts'

/** What Go's flag packages end with when they cannot read a command line. */
const usageExitCode = 2

/** Where a pod finds the name of its namespace. */
const namespaceFile = '/var/run/secrets/kubernetes.io/serviceaccount/namespace'
const levels = ['trace', 'debug', 'info', 'error']

/** `controller NAMES... [FLAGS]`: runs until it is interrupted. @throws {CliError} */
export async function controllerCommand(
  args: readonly string[],
  {
    flags: { kubeconfig, context: kubeContext },
    context,
    openLog,
  }: { readonly flags: ConnectionFlags; readonly context: CommandContext; readonly openLog: OpenLog },
): Promise<void> {
  const host = hostname()
  const env = { RUNTIME_NAMESPACE: podNamespace(), ...context.environment }
  const line = readLine(args, { env, hostname: host })
  if (line.kind === 'help') {
    context.terminal.out(
      `Runs ${line.controllers.join(', ')} for the cluster of --kubeconfig, --context, $KUBECONFIG, of the pod that this\nis, or of ~/.kube/config.\n\n${usage(line.controllers)}`,
    )
    return
  }
  context.endsByItself()
  const machine = {
    clock: context.clock,
    hostname: host,
    surroundings: nodeSurroundings({ env: context.environment, homeDirectory: homedir() }),
    choice: {
      ...(kubeconfig !== undefined && { kubeconfig }),
      ...(kubeContext !== undefined && { context: kubeContext }),
    },
    log: await logOf(line.shared, openLog),
  }
  try {
    await runControllers(line.settings, line.shared, { machine, signal: context.signal })
  } catch (error) {
    machine.log.error(error, 'problem running manager')
    throw explained(error)
  }
}

/** Nothing where this is no pod. */
function podNamespace(): string | undefined {
  try {
    return readFileSync(namespaceFile, 'utf8').trim()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

function logOf({ log: { level, encoding } }: ProcessSettings, openLog: OpenLog): Logger | Promise<Logger> {
  return openLog(levels.includes(level) ? level : 'info', encoding === 'console' ? 'console' : 'json')
}

function readLine(args: readonly string[], options: Parameters<typeof readCommandLine>[1]): CommandLine {
  try {
    return readCommandLine(args, options)
  } catch (cause) {
    throw explained(cause)
  }
}

function explained(cause: unknown): unknown {
  if (cause instanceof FlagError) {
    return new CliError(cause.message, {
      nextStep: 'name a controller with --help to see its flags',
      exitCode: usageExitCode,
      cause,
    })
  }
  if (cause instanceof KubeConfigError) {
    return new CliError(cause.message, {
      nextStep: 'name a kubeconfig with --kubeconfig, or run this in a pod with a service account',
      cause,
    })
  }
  return cause
}
