import { type FileTree, FileTreeError, joinTreePath, memoryFileTree } from '@sluice/ports'
import { ReconcileFailure, type Reconciler, runSteps } from '@sluice/runtime'
import {
  type Bucket,
  bucketDefinition,
  conditionTypes,
  decodeBucket,
  fieldManagers,
  finalizer,
  reasons,
  resourceOf,
  sourceReasons,
} from '@sluice/toolkit'
import { sourceConditions, sourceFailures } from '../shared/conditions.ts'
import { durationMs } from '../shared/duration.ts'
import { notifySuccess, traceUpToDate } from '../shared/notify.ts'
import { announceAfresh, observeStorage, removeArtifacts } from '../shared/storage-step.ts'
import type { BucketDeps, BucketStep, BucketWork } from './bucket-work.ts'
import { configureBucket } from './client-step.ts'
import { fetchObjects, ignoreFileName } from './fetch-step.ts'

const { storageOperationFailed, artifactOutdated, artifactInStorage, fetchFailed } = conditionTypes

const archive: BucketStep = async (work) => {
  const { run, revision } = work
  if (run.status.artifact?.revision === revision) {
    traceUpToDate(run, revision)
  } else {
    await store(work)
  }
  run.conditions.remove(artifactOutdated)
  run.conditions.markTrue(artifactInStorage, reasons.succeeded, `stored artifact: revision '${revision}'`)
  return { kind: 'done', requeueAfter: durationMs(run.object.spec.interval, 60_000) }
}

/** Longest name and path of a file on the disks that artifacts are unpacked to. */
const maxNameBytes = 255
const maxPathBytes = 4_096

const steps: readonly BucketStep[] = [
  ({ run }) => announceAfresh(run),
  ({ run, deps }) => observeStorage(run, deps.store),
  configureBucket,
  fetchObjects,
  archive,
]

/** Reconciles Buckets: fetches the objects of a bucket and serves them as an artifact. */
export function bucketController(deps: BucketDeps): Reconciler<Bucket> {
  return {
    resource: resourceOf(bucketDefinition),
    decode: decodeBucket,
    controller: fieldManagers.sourceController,
    fieldManager: fieldManagers.sourceController,
    finalizer,
    answersWhileSuspended: true,
    conditions: sourceConditions(),
    reconcile: async (run) => {
      const work: BucketWork = {
        run,
        deps,
        index: new Map(),
        revision: '',
        ignoreFile: undefined,
        contents: new Map(),
      }
      const outcome = await runSteps(work, steps)
      if (outcome.kind === 'done') {
        const { bucketName } = run.object.spec
        const message = `stored artifact with ${work.index.size} fetched files from '${bucketName}' bucket`
        notifySuccess(run, message, sourceFailures)
      }
      return outcome
    },
    finalize: (run) => removeArtifacts(run, deps.store),
  }
}

async function store({ run, deps, revision, contents, ignoreFile }: BucketWork): Promise<void> {
  const tree = treeOf(ignoreFile ? new Map([...contents, [ignoreFileName, ignoreFile]]) : contents)
  const place = { ...run.key, kind: run.object.kind, fileName: `${revision.replace(/^\w+:/, '')}.tar.gz` }
  try {
    // What is ignored was not fetched; of the rest everything is wanted.
    const stored = await deps.store.archive(place, revision, { tree, isExcluded: () => false })
    run.status.artifact = stored
    run.status.observedIgnore = run.object.spec.ignore
    run.status.url = await deps.store.link(stored, 'latest.tar.gz')
  } catch (cause) {
    throw new ReconcileFailure(
      sourceReasons.archiveOperationFailed,
      'unable to archive artifact to storage',
      {
        condition: storageOperationFailed,
        cause,
      },
    )
  }
  run.conditions.remove(storageOperationFailed)
}

/** Keys as paths; those that would leave the tree, or stand for a file and a directory at once, are refused. */
function treeOf(contents: ReadonlyMap<string, Uint8Array>): FileTree {
  try {
    const files = new Map([...contents].map(([key, content]) => [pathOf(key), content]))
    const tree = memoryFileTree(files)
    for (const path of files.keys()) assertNoFileAbove(path, files)
    return tree
  } catch (cause) {
    if (!(cause instanceof FileTreeError)) throw cause
    throw new ReconcileFailure(sourceReasons.bucketOperationFailed, 'objects do not form a directory', {
      condition: fetchFailed,
      cause,
    })
  }
}

/** A key as a path that a disk could have: without zero bytes, and no name longer than names of files are. */
function pathOf(key: string): string {
  const isTooLong =
    Buffer.byteLength(key) > maxPathBytes ||
    key.split('/').some((name) => Buffer.byteLength(name) > maxNameBytes)
  if (!key.includes('\0') && !isTooLong) return joinTreePath(key)
  const shown = JSON.stringify(key.slice(0, maxNameBytes))
  throw new FileTreeError('PATH_OUTSIDE_TREE', key, `${shown} is no path`)
}

function assertNoFileAbove(path: string, files: ReadonlyMap<string, unknown>): void {
  for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
    const parent = path.slice(0, slash)
    if (files.has(parent)) {
      throw new FileTreeError('NOT_A_DIRECTORY', parent, `'${parent}' is an object and a directory`)
    }
  }
}
