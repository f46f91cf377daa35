import { type Cluster, isApiError, type Resource } from '@sluice/cluster'
import type { JsonObject, JsonValue, KubeObject } from '@sluice/ports'
import { fieldManagers, kindDefinitions, type ToolkitObject } from '@sluice/toolkit'
import { type Command, Option } from 'commander'
import { CliError } from '../../cli-error.ts'
import { type CommandContext, commandSignal, type ObjectFlags } from '../../command-context.ts'
import { commandAt } from '../../command-tree.ts'
import { commaSeparated, goDuration, objectFlags } from '../../flags.ts'
import { type CliKind, cliKind } from '../../kinds.ts'
import { exportText } from '../../output/export-text.ts'
import { type StatusLines, statusLines } from '../../output/terminal.ts'
import { waitUntilReady } from '../../wait-for.ts'

/** Flags that every `create` command has. */
export type CreateFlags = ObjectFlags & {
  /** Print manifests instead of applying them. */
  readonly export: boolean
  /** Go duration in Go's form. */
  readonly interval: string
  readonly labels: Readonly<Record<string, string>>
  /** Version of the API to write the object in, for kinds that ask; the newest when absent. */
  readonly apiVersion?: string
}

/** What a `create` command makes of its flags. */
export type Creation = {
  readonly kind: string
  readonly name: string
  readonly spec: JsonObject
  /** In `applying …`; the kind when absent. */
  readonly noun?: string
  /** In `… created`; the noun when absent. */
  readonly createdNoun?: string
  /** Whether it begins with `✚ generating …`. */
  readonly announced: boolean
  /** Credentials to be stored first, and what to say of the secret. */
  readonly secret?: CredentialsSecret
  /** A warning before anything is applied. */
  readonly warning?: string
  /** Lines about the object once it is ready. @throws {CliError} */
  readonly finished: (object: ToolkitObject) => readonly string[]
}

/** A Secret that is stored before what needs it. */
export type CredentialsSecret = {
  readonly manifest: KubeObject
  /** What is said of it. */
  readonly action: string
  /** A key that the server has to be told of first. */
  readonly deployKey?: {
    /** Lines of `known_hosts` that the server has shown. */
    readonly knownHosts: string
    readonly publicKey: string
    /** Whether to wait until the person has told the server. */
    readonly ask: boolean
  }
}

/** Makes something of the flags: prints it or applies it. */
export type CreateAction<Flags> = (
  name: string,
  work: { readonly flags: CreateFlags & Flags; readonly context: CommandContext; readonly command: Command },
) => Promise<void>

const namePattern = /^[a-z0-9][a-z0-9-]{0,61}[a-z0-9]$/

/** The group `create` with the flags that all its commands have. */
export function createGroup(program: Command): Command {
  return program
    .command('create')
    .description('create or update objects of the toolkit')
    .addOption(
      new Option('--interval <duration>', 'time between two reconciliations')
        .default('1m0s')
        .argParser(goDuration),
    )
    .option('--export', 'print manifests instead of applying them', false)
    .option('--label <key=value>', 'label of the object, may be repeated', commaSeparated)
}

/** A command below `create`; `configure` adds its own flags. */
export function addCreateCommand<Flags>(
  group: Command,
  words: string,
  {
    context,
    description,
    action,
  }: {
    readonly context: CommandContext
    readonly description: string
    readonly action: CreateAction<Flags>
  },
): Command {
  const command = commandAt(group, words, '[name]')
    .description(description)
    .action((name: string | undefined) => {
      const checked = checkedName(name)
      const own = command.optsWithGlobals<Flags & { label?: readonly string[] }>()
      const flags = { ...own, ...objectFlags(command), labels: labelsOf(own.label ?? []) }
      return action(checked, { flags: flags as unknown as CreateFlags & Flags, context, command })
    })
  return command
}

/** Lets the object be written in an older version of its API. */
export function withApiVersion(command: Command): Command {
  return command.option('--api-version <version>', 'version of the API to write it in, such as v1beta2')
}

/** Prints the manifest, or applies it and waits until it is ready, with Flux's lines. */
export async function create(
  { kind: kindName, name, spec, ...creation }: Creation,
  { flags, context }: { readonly flags: CreateFlags; readonly context: CommandContext },
): Promise<void> {
  const kind = inVersion(cliKind(kindName), flags.apiVersion)
  const object = objectOf(kind, name, { flags, spec })
  if (flags.export) {
    context.terminal.out(exportText(object))
    return
  }
  const { noun = kind.kind } = creation
  const lines = statusLines(context.terminal)
  const signal = commandSignal(context, flags)
  const { cluster } = await context.connect(flags)
  if (creation.announced) lines.generate(`generating ${noun}`)
  if (creation.warning !== undefined) lines.warning(creation.warning)
  if (creation.secret) await storeCredentials(cluster, creation.secret, { lines, signal, context })
  lines.action(`applying ${noun}`)
  const outcome = await upsert(cluster, kind.resource, { object, signal })
  lines.success(`${creation.createdNoun ?? noun} ${outcome}`)
  lines.waiting(`waiting for ${noun} reconciliation`)
  const ready = await waitUntilReady(kind, { namespace: flags.namespace, name }, { cluster, signal })
  for (const line of creation.finished(ready)) lines.success(line)
}

/** Writes the object's labels, annotations and content over what is there, or creates it. */
export async function upsert(
  cluster: Cluster,
  resource: Resource,
  { object, signal }: { readonly object: KubeObject; readonly signal: AbortSignal },
): Promise<'created' | 'updated'> {
  const { name = '', namespace, labels, annotations } = object.metadata
  const key = { name, ...(namespace !== undefined && { namespace }) }
  const write = { fieldManager: fieldManagers.cli, signal }
  try {
    const existing = await cluster.get(resource, key, { signal })
    await cluster.update(
      resource,
      {
        ...existing,
        ...object,
        metadata: {
          ...existing.metadata,
          ...(labels && { labels: { ...existing.metadata.labels, ...labels } }),
          ...(annotations && { annotations: { ...existing.metadata.annotations, ...annotations } }),
        },
      },
      write,
    )
    return 'updated'
  } catch (error) {
    if (!isApiError(error, 'NotFound')) throw error
    await cluster.create(resource, object, write)
    return 'created'
  }
}

/** The record without fields that are not given: `undefined`, empty texts, empty lists and records. */
export function given(record: Readonly<Record<string, JsonValue | undefined>>): JsonObject {
  return Object.fromEntries(
    Object.entries(record).filter(([, value]) => {
      if (value === undefined || value === null || value === '') return false
      return typeof value !== 'object' || Object.keys(value).length > 0
    }),
  )
}

/** A reference by name, absent when no name is given. */
export function nameReference(name: string | undefined): JsonObject | undefined {
  return name === undefined || name === '' ? undefined : { name }
}

/** `fetched revision: …` of a source's artifact. @throws {CliError} when it has none. */
export function fetchedLines(noun: string): Creation['finished'] {
  return ({ status }) => {
    const { artifact } = (status ?? {}) as { readonly artifact?: { readonly revision: string } }
    if (!artifact) throw new CliError(`${noun} reconciliation completed but no artifact was found`)
    return [`${noun} reconciliation completed`, `fetched revision: ${artifact.revision}`]
  }
}

async function storeCredentials(
  cluster: Cluster,
  { manifest, action, deployKey }: CredentialsSecret,
  {
    lines,
    signal,
    context,
  }: { readonly lines: StatusLines; readonly signal: AbortSignal; readonly context: CommandContext },
): Promise<void> {
  if (deployKey) {
    const { knownHosts, publicKey, ask } = deployKey
    lines.success(`collected public key from SSH server:\n${knownHosts}`)
    lines.generate(`deploy key: ${publicKey}`)
    if (ask && !(await context.confirm('Have you added the deploy key to your repository'))) {
      throw new CliError('aborting', {
        nextStep: 'add the key to the repository and say --silent where nobody can answer',
      })
    }
  }
  lines.action(action)
  const secrets = await cluster.resourceFor('v1', 'Secret', { signal })
  await upsert(cluster, secrets, { object: manifest, signal })
  lines.success('authentication configured')
}

function objectOf(
  { resource: { group, version }, kind }: CliKind,
  name: string,
  { flags, spec }: { readonly flags: CreateFlags; readonly spec: JsonObject },
): KubeObject {
  return {
    apiVersion: `${group}/${version}`,
    kind,
    metadata: {
      name,
      namespace: flags.namespace,
      ...(Object.keys(flags.labels).length > 0 && { labels: flags.labels }),
    },
    spec,
  }
}

/** @throws {CliError} when the kind has no such version. */
function inVersion(kind: CliKind, version: string | undefined): CliKind {
  if (version === undefined) return kind
  const definition = kindDefinitions.find((it) => it.kind === kind.kind)
  const versions = (definition?.versions ?? []).map(({ name }) => name)
  if (!versions.includes(version)) {
    throw new CliError(`${kind.kind} has no version ${version}, must be one of ${versions.join(', ')}`)
  }
  return { ...kind, resource: { ...kind.resource, version } }
}

function checkedName(name: string | undefined): string {
  if (name === undefined) throw new CliError('name is required')
  if (!namePattern.test(name)) {
    throw new CliError(
      `name '${name}' is invalid, it should adhere to standard defined in RFC 1123, the name can only contain alphanumeric characters or '-'`,
    )
  }
  return name
}

function labelsOf(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const [key = '', value, ...rest] = text.split('=')
      if (value === undefined || rest.length > 0) {
        throw new CliError(`invalid label format '${text}', must be key=value`)
      }
      return [key, value]
    }),
  )
}
