import type { Cluster } from '@sluice/cluster'
import { ImageError, type TagVerdict, tagPolicy } from '@sluice/image'
import { type ImageTags, readImageTags } from '@sluice/image-reflector-controller'
import { errorChain, ToolkitError } from '@sluice/ports'
import {
  decodeImagePolicy,
  decodeImageRepository,
  type ImagePolicy,
  type ImageRepository,
} from '@sluice/toolkit'
import { CliError } from '../cli-error.ts'
import { type CommandContext, commandSignal, type ObjectFlags } from '../command-context.ts'
import { cliKind } from '../kinds.ts'
import { formatTable } from '../output/table.ts'
import { reachOutside } from '../outside.ts'

const shownTags = 20

type Work = { readonly flags: ObjectFlags; readonly context: CommandContext }

/**
 * `get image policy NAME --explain`: reads the tags anew, from this machine, and says of each why it is chosen or not.
 *
 * @throws {CliError} when they cannot be read.
 */
export async function explainPolicyCommand(name: string | undefined, work: Work): Promise<void> {
  if (name === undefined) throw new CliError('ImagePolicy name is required')
  const { flags, context } = work
  const { cluster } = await context.connect(flags)
  const signal = commandSignal(context, flags)
  const { resource } = cliKind('ImagePolicy')
  const key = { namespace: flags.namespace, name }
  const policy = decodeImagePolicy(await cluster.get(resource, key, { signal }))
  const repository = await repositoryOf(policy, cluster, signal)
  const tags = await readTags(repository, { cluster, signal, work })
  context.terminal.out(explanation(policy, repository, tags))
}

async function repositoryOf(
  { spec, metadata }: ImagePolicy,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<ImageRepository> {
  const { name, namespace = metadata.namespace ?? '' } = spec.imageRepositoryRef
  const { resource } = cliKind('ImageRepository')
  return decodeImageRepository(await cluster.get(resource, { namespace, name }, { signal }))
}

async function readTags(
  repository: ImageRepository,
  { cluster, signal, work }: { readonly cluster: Cluster; readonly signal: AbortSignal; readonly work: Work },
): Promise<ImageTags> {
  await using outside = reachOutside(work.context, work.flags)
  try {
    return await readImageTags(repository, { cluster, http: outside.http, signal })
  } catch (cause) {
    if (!(cause instanceof ToolkitError)) throw cause
    throw new CliError(`cannot read the tags of ${repository.spec.image}: ${errorChain(cause)}`, {
      nextStep: 'run it where the registry can be reached',
      cause,
    })
  }
}

/** The whole answer. The policy's own problems are a part of it. */
export function explanation(policy: ImagePolicy, repository: ImageRepository, tags: ImageTags): string {
  const { spec, metadata, status } = policy
  const { pattern, extract } = spec.filterTags ?? {}
  const { verdicts, problem } = judge(policy, tags)
  const chosen = problem === undefined ? verdicts[0] : undefined
  const lines: readonly (readonly [string, string | undefined])[] = [
    ['Policy', `${metadata.namespace}/${metadata.name}`],
    ['Image', repository.spec.image],
    ['Tags', tagsText(tags)],
    ['Filter', pattern],
    ['Extracts', extract],
    ['Chosen', chosen ? `${chosen.tag}: ${chosen.reason}` : `none: ${problem}`],
    ['Status', statusText(status?.latestRef?.tag, chosen?.tag)],
  ]
  const head = lines.flatMap(([title, text]) => (text ? [`${`${title}:`.padEnd(10)} ${text}\n`] : []))
  return [...head, '\n', tableOf(verdicts, extract)].join('')
}

function judge(
  { spec }: ImagePolicy,
  { list }: ImageTags,
): { readonly verdicts: readonly TagVerdict[]; readonly problem?: string } {
  try {
    const policy = tagPolicy(spec.policy, spec.filterTags)
    const verdicts = policy.explain(list.tags)
    try {
      policy.select(list.tags)
      return { verdicts }
    } catch (error) {
      return { verdicts, problem: problemOf(error) }
    }
  } catch (error) {
    return { verdicts: [], problem: problemOf(error) }
  }
}

function problemOf(error: unknown): string {
  if (error instanceof ImageError) return error.message
  throw error
}

function tagsText({ list, excluded, exclusions }: ImageTags): string {
  const found = `${list.tags.length} in the registry`
  return excluded === 0 ? found : `${found}, ${excluded} more are excluded by ${exclusions.join(', ')}`
}

function statusText(current: string | undefined, chosen: string | undefined): string {
  if (current === undefined) return 'nothing has been chosen so far'
  return current === chosen ? 'the same' : `${current}, until the next scan`
}

function tableOf(verdicts: readonly TagVerdict[], extract: string | undefined): string {
  if (verdicts.length === 0) return ''
  const withText = extract !== undefined && extract !== ''
  const rows = verdicts
    .slice(0, shownTags)
    .map(({ tag, text = '', kind, reason }) => [
      tag,
      ...(withText ? [text] : []),
      kind === 'chosen' ? `chosen: ${reason}` : reason,
    ])
  const table = formatTable(['TAG', ...(withText ? ['EXTRACTED'] : []), 'WHY'], rows)
  const others = verdicts.slice(shownTags)
  return others.length === 0 ? table : `${table}… and ${countsOf(others)}\n`
}

const words: Readonly<Record<TagVerdict['kind'], string>> = {
  chosen: 'chosen',
  equal: 'equal',
  earlier: 'earlier',
  refused: 'that do not count',
  filtered: 'that do not match the filter',
}

function countsOf(verdicts: readonly TagVerdict[]): string {
  const counts = new Map<TagVerdict['kind'], number>()
  for (const { kind } of verdicts) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  return [...counts].map(([kind, count]) => `${count} ${words[kind]}`).join(', ')
}
