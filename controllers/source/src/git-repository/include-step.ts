import { posix } from 'node:path'
import { isApiError } from '@sluice/cluster'
import { unpackTarGz } from '@sluice/host'
import { type FileTree, mountTrees, subtree, ToolkitError } from '@sluice/ports'
import { ReconcileFailure } from '@sluice/runtime'
import {
  type Artifact,
  conditionTypes,
  decodeGitRepository,
  type GitRepository,
  type GitRepositoryInclude,
  gitRepositoryDefinition,
  messages,
  reasons,
  resourceOf,
  sourceReasons,
} from '@sluice/toolkit'
import { defaultRequeueDependencyMs } from '../shared/source-deps.ts'
import type { GitStep, GitWork } from './git-work.ts'

const resource = resourceOf(gitRepositoryDefinition)
const maxIncludedBytes = 1024 ** 3

/** Finds the artifacts of `spec.include`, all of which must be there. */
export const findIncludes: GitStep = async (work) => {
  const { run } = work
  const { include = [] } = run.object.spec
  work.includes = await Promise.all(include.map((it) => findInclude(work, it)))
  run.conditions.remove(conditionTypes.includeUnavailable)
  await announceChange(work)
  // What is outdated is found out anew from here on.
  run.conditions.remove(conditionTypes.artifactOutdated)
}

async function announceChange({ run, includes }: GitWork): Promise<void> {
  const before = run.object.status?.includedArtifacts
  if (sameArtifacts(includes, before ?? [])) return
  const message = 'included artifacts differ from last observed includes'
  if (before) run.conditions.markTrue(conditionTypes.artifactOutdated, sourceReasons.includeChange, message)
  run.conditions.progress(reasons.progressing, `${messages.buildingArtifact}: ${message}`, { drift: true })
  await run.saveStatus()
}

/** Lays the includes over the checked out tree. */
export const layIncludes: GitStep = async (work) => {
  const { include = [] } = work.run.object.spec
  for (const [index, it] of include.entries()) {
    const artifact = work.includes[index]
    // One after the other: a later include may lie within an earlier one.
    if (artifact && work.tree) work.tree = await layInclude(work, work.tree, { include: it, artifact })
  }
}

/** Whether two lists of artifacts are the same ones in the same order. */
export function sameArtifacts(a: readonly Artifact[], b: readonly Artifact[]): boolean {
  return a.length === b.length && a.every((artifact, index) => isSame(artifact, b[index]))
}

function isSame(one: Artifact, other: Artifact | undefined): boolean {
  return one.revision === other?.revision && one.digest === other.digest
}

async function findInclude({ run, deps }: GitWork, { repository }: GitRepositoryInclude): Promise<Artifact> {
  const { name } = repository
  const found = await getRepository(name)
  const { artifact } = found?.status ?? {}
  if (artifact) return artifact
  const [reason, message] = found
    ? ['NoArtifact', `no artifact available for include '${name}'`]
    : ['NotFound', `could not get resource for include '${name}': ${notFound(name)}`]
  throw new ReconcileFailure(reason ?? '', message ?? '', {
    condition: conditionTypes.includeUnavailable,
    event: 'Trace',
    retryAfterMs: deps.requeueDependencyMs ?? defaultRequeueDependencyMs,
  })

  async function getRepository(wanted: string): Promise<GitRepository | undefined> {
    try {
      const key = { namespace: run.key.namespace, name: wanted }
      return decodeGitRepository(await deps.cluster.get(resource, key, run))
    } catch (error) {
      if (isApiError(error, 'NotFound')) return undefined
      throw error
    }
  }
}

/** As the client library of Kubernetes words it for what it reads from a cache. */
function notFound(name: string): string {
  return `${resource.kind}.${resource.group} "${name}" not found`
}

type Layer = { readonly include: GitRepositoryInclude; readonly artifact: Artifact }

async function layInclude(
  { deps }: GitWork,
  tree: FileTree,
  { include, artifact }: Layer,
): Promise<FileTree> {
  const { name } = include.repository
  const { fromPath = '', toPath = name } = include
  // Paths that climb stay at the root, as Flux resolves them.
  const [from = '', to = ''] = [fromPath, toPath].map((path) =>
    posix.join('/', path).slice(1).replace(/\/$/, ''),
  )
  try {
    const content = await deps.store.read(artifact)
    const included = await unpackTarGz(content, { maxBytes: maxIncludedBytes })
    return movedInto(tree, to, { included, from })
  } catch (cause) {
    throw new ReconcileFailure(
      'CopyFailure',
      `failed to copy '${name}' include from ${fromPath} to ${toPath}`,
      { condition: conditionTypes.storageOperationFailed, cause },
    )
  }
}

/**
 * The tree with a directory or a file of another at a path where nothing is yet; a file may take the place of a file.
 *
 * @throws {IncludeError} with the words of the file system that Flux moves it in; ours is in memory.
 */
function movedInto(
  tree: FileTree,
  to: string,
  { included, from }: { readonly included: FileTree; readonly from: string },
): FileTree {
  const source = from === '' ? 'unpack' : `unpack/${from}`
  const entry = from === '' ? ({ kind: 'directory' } as const) : included.stat(from)
  if (!entry) throw new IncludeError(`cannot stat ${source}: stat ${source}: no such file or directory`)
  const above = parentsOf(to).find((parent) => (tree.stat(parent)?.kind ?? 'directory') !== 'directory')
  if (above !== undefined) throw new IncludeError(`mkdir ${above}: not a directory`)
  const target = to === '' ? 'directory' : tree.stat(to)?.kind
  const refuse = (why: string): IncludeError =>
    new IncludeError(`link error: cannot rename ${source} to ${to}: rename ${source} ${to}: ${why}`)
  if (target === 'directory') throw refuse('file exists')
  if (target !== undefined && entry.kind === 'directory') throw refuse('not a directory')
  const moved = entry.kind === 'directory' ? subtree(included, from) : singleFile(included, from)
  return mountTrees(tree, [{ path: to, tree: moved }])
}

class IncludeError extends ToolkitError {
  override readonly name = 'IncludeError'

  constructor(message: string) {
    super('INCLUDE_FAILED', message)
  }
}

/** A tree whose root is a file of another. */
function singleFile(tree: FileTree, path: string): FileTree {
  return {
    stat: (inner) => (inner === '' ? tree.stat(path) : undefined),
    read: () => tree.read(path),
    list: () => [],
  }
}

function parentsOf(path: string): readonly string[] {
  const parts = path.split('/')
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'))
}
