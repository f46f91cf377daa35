import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { delimiter, join, relative } from 'node:path'
import { fileStorage, memoryStorage, type Storage, StorageError } from '@sluice/apiserver'
import type { Logger } from '@sluice/ports'
import { kindDefinitions, resourceOf, type ToolkitObject } from '@sluice/toolkit'
import { CliError } from '../cli-error.ts'
import type { CommandContext } from '../command-context.ts'
import { applyObject, readManifest } from '../commands/apply.ts'
import { openLogFile } from '../output/log-file.ts'
import { both } from '../output/process-logger.ts'
import { type StatusLines, statusLines } from '../output/terminal.ts'
import { mirrorsFile } from '../outside.ts'
import { nextSteps } from './banner.ts'
import { type Embedded, startEmbedded } from './embedded.ts'
import { type GitServer, startGitServer } from './git-server.ts'
import { allReady, liveTable } from './live-table.ts'
import { type LocalRegistry, startLocalRegistry } from './local-registry.ts'
import { portError } from './port-holder.ts'
import { openStateDirectory, processLogPath, type StateDirectory } from './state-directory.ts'
import { localWorkspace, requireGit, tutorialWorkspace, type Workspace } from './workspace.ts'

export type UpFlags = {
  readonly reset: boolean
  readonly inMemory: boolean
  /** Go on with what comes before a damage of the store. */
  readonly salvage: boolean
  readonly apiPort?: number
  readonly gitPort?: number
  readonly artifactPort?: number
  readonly registryPort?: number
}

type Up = {
  readonly state: StateDirectory
  readonly workspace: Workspace
  readonly git: GitServer
  readonly registry: LocalRegistry
  readonly context: CommandContext
  readonly lines: StatusLines
}

/**
 * `sluice up [PATH]`: a cluster with all controllers in this process, a Git server, a registry, and the example (or the
 * repository at PATH) deployed on it. Runs until it is interrupted.
 *
 * @throws {CliError} when it cannot start; what is stored is left as it is.
 */
export async function upCommand(
  path: string | undefined,
  {
    flags,
    context,
    log,
  }: { readonly flags: UpFlags; readonly context: CommandContext; readonly log: Logger },
): Promise<void> {
  const lines = statusLines(context.terminal)
  requireGit()
  const state = openStateDirectory(context.workingDirectory, flags)
  const logFile = openLogFile(state.file(...processLogPath))
  try {
    const workspace = path === undefined ? tutorialWorkspace(state) : localWorkspace(path)
    state.claim(workspace.origin)
    await using git = await startGit(workspace, state, flags.gitPort)
    await using registry = await startRegistry(workspace, state, flags.registryPort)
    const up: Up = { state, workspace, git, registry, context, lines }
    await using running = await startCluster(up, { flags, log: both(log, logFile.logger) })
    announce(running, up)
    await applyWorkspace(running, up)
    await untilReady(running, context)
    context.terminal.err(bannerOf(up))
    await interrupted(context.signal)
  } finally {
    logFile.close()
    state.dispose()
  }
}

async function startGit(
  workspace: Workspace,
  state: StateDirectory,
  flag: number | undefined,
): Promise<GitServer> {
  const port = flag ?? state.ports()?.git ?? 0
  const credentials = { username: workspace.username, password: state.gitPassword() }
  try {
    return await startGitServer({ repositories: workspace.repositories, credentials, port })
  } catch (error) {
    throw portError(error, { port, flag: '--git-port' })
  }
}

async function startRegistry(
  { username, registryContent }: Workspace,
  state: StateDirectory,
  flag: number | undefined,
): Promise<LocalRegistry> {
  const port = flag ?? state.ports()?.registry ?? 0
  const credentials = { username, password: state.gitPassword() }
  try {
    return await startLocalRegistry({
      directory: state.file('registry'),
      credentials,
      port,
      content: registryContent,
    })
  } catch (error) {
    throw portError(error, { port, flag: '--registry-port' })
  }
}

async function startCluster(
  { state, workspace, git, registry, context, lines }: Up,
  { flags, log }: { readonly flags: UpFlags; readonly log: Logger },
): Promise<Embedded> {
  lines.action('starting the API server and the controllers')
  const saved = state.ports()
  const storage = flags.inMemory ? memoryStorage() : await openStore(state, flags)
  const mirrors = new Map([
    ...workspace.mirroredHosts.map((host) => [host, gitOrigin(git)] as const),
    ...registry.mirrors,
  ])
  const embedded = await startEmbedded({
    storage,
    artifactDirectory: state.file('artifacts'),
    tagDirectory: state.file('tags'),
    ports: {
      api: flags.apiPort ?? saved?.api ?? 0,
      artifacts: flags.artifactPort ?? saved?.artifacts ?? 0,
    },
    ...state.credentials(),
    // Who runs the cluster on their own machine is who it logs in to clouds as.
    surroundings: { env: context.environment, readFile: (path) => readFile(path) },
    mirrors,
    log,
  })
  state.savePorts({ ...embedded.ports, git: git.port, registry: registry.port })
  state.write('kubeconfig', embedded.kubeconfig)
  state.write(mirrorsFile, JSON.stringify(Object.fromEntries(mirrors)))
  return embedded
}

/** @throws {CliError} with the way out when the store is damaged, locked or of another version. */
async function openStore(state: StateDirectory, { salvage }: UpFlags): Promise<Storage> {
  try {
    return await fileStorage({ directory: state.file('store'), salvage })
  } catch (cause) {
    if (!(cause instanceof StorageError)) throw cause
    const nextStep =
      cause.code === 'STORAGE_DAMAGED'
        ? 'nothing was changed: restore .sluice/store from a copy, go on with what comes before the damage (--salvage), or begin anew (--reset)'
        : 'nothing was changed; --reset begins anew'
    throw new CliError(cause.message.split('; ')[0] ?? cause.message, { nextStep, cause })
  }
}

function gitOrigin({ port }: GitServer): string {
  return `http://127.0.0.1:${port}`
}

function announce({ url, ports }: Embedded, { state, git, registry, context, lines }: Up): void {
  lines.success(`API server      ${url}`)
  lines.success(`kubeconfig      ${shown(state.file('kubeconfig'), context)}`)
  lines.success(`Git server      ${gitOrigin(git)}`)
  lines.success(`OCI registry    127.0.0.1:${registry.port}`)
  lines.success(`artifact server http://127.0.0.1:${ports.artifacts}`)
}

/** Applies the workspace's manifests at the first start, and again when they name an address that has changed. */
async function applyWorkspace(
  { cluster }: Embedded,
  { state, workspace, git, context, lines }: Up,
): Promise<void> {
  const manifests = workspace.manifests({ gitUrl: gitOrigin(git), password: state.gitPassword() })
  const mark = manifests.join('---\n')
  if (state.read('applied') === mark) {
    lines.success('going on from the stored state (--reset begins anew)')
    return
  }
  for (const object of manifests.flatMap((text) => readManifest(text, 'manifest'))) {
    // Sequential: in the order in which a person would apply them.
    const { resource, outcome } = await applyObject(cluster, object, {
      namespace: workspace.namespace,
      signal: context.signal,
    })
    lines.success(`${resource.kind}/${workspace.namespace}/${object.metadata.name} ${outcome}`)
  }
  state.write('applied', mark)
}

/** Shows the toolkit's objects until all are ready or the person has seen enough. */
async function untilReady({ controllers }: Embedded, { terminal, signal }: CommandContext): Promise<void> {
  const caches = kindDefinitions.map((it) => controllers.caches.cache<ToolkitObject>(resourceOf(it)))
  await Promise.all(caches.map((cache) => cache.synced(signal)))
  const table = liveTable(terminal)
  await new Promise<void>((resolve) => {
    const endings: (() => void)[] = []
    const finish = (): void => {
      for (const end of endings) end()
      resolve()
    }
    const look = (): void => {
      const objects = caches.flatMap((cache) => cache.list())
      table.show(objects)
      if (allReady(objects)) finish()
    }
    for (const cache of caches) endings.push(cache.subscribe(look))
    signal.addEventListener('abort', finish, { once: true })
    endings.push(() => signal.removeEventListener('abort', finish))
    look()
  })
}

function bannerOf({ state, workspace, git, registry, context }: Up): string {
  const { username, image } = workspace
  const password = state.gitPassword()
  return nextSteps({
    kubeconfig: shown(state.file('kubeconfig'), context),
    hasKubectl: isOnPath('kubectl', context),
    cloneUrl: `http://${username}:${password}@127.0.0.1:${git.port}/${workspace.repository}`,
    repository: workspace.repository,
    writable: workspace.repositories.get(workspace.repository)?.writable ?? false,
    namespace: workspace.namespace,
    kustomization: workspace.kustomization,
    ...(image && {
      image: {
        url: `oci://127.0.0.1:${registry.port}/${image.repository}:${image.tag}`,
        credentials: `${username}:${password}`,
      },
    }),
  })
}

function shown(path: string, { workingDirectory }: CommandContext): string {
  const short = relative(workingDirectory, path)
  return short.startsWith('..') ? path : short
}

function isOnPath(program: string, { environment }: CommandContext): boolean {
  return (environment['PATH'] ?? '')
    .split(delimiter)
    .some((dir) => dir !== '' && existsSync(join(dir, program)))
}

function interrupted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
