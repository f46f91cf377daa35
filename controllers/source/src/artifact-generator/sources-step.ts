import { createHash } from 'node:crypto'
import { ArtifactError } from '@sluice/artifact'
import { isApiError, type ObjectKey } from '@sluice/cluster'
import { errorChain, type FileTree } from '@sluice/ports'
import { ReconcileFailure } from '@sluice/runtime'
import {
  type Artifact,
  type ArtifactGenerator,
  bucketDefinition,
  decodeBucket,
  decodeExternalArtifact,
  decodeGitRepository,
  decodeHelmChart,
  decodeOciRepository,
  externalArtifactDefinition,
  type GeneratorSource,
  gitRepositoryDefinition,
  helmChartDefinition,
  type KindDefinition,
  ociRepositoryDefinition,
  resourceOf,
} from '@sluice/toolkit'
import { type GeneratorStep, type GeneratorWork, generatorReasons } from './generator-work.ts'

type WithArtifact = { readonly status?: { readonly artifact?: Artifact } }

/** The kinds that files come from. */
export const generatorSourceKinds: Readonly<
  Record<
    GeneratorSource['kind'],
    { readonly definition: KindDefinition; readonly decode: (value: unknown) => WithArtifact }
  >
> = {
  Bucket: { definition: bucketDefinition, decode: decodeBucket },
  GitRepository: { definition: gitRepositoryDefinition, decode: decodeGitRepository },
  OCIRepository: { definition: ociRepositoryDefinition, decode: decodeOciRepository },
  HelmChart: { definition: helmChartDefinition, decode: decodeHelmChart },
  ExternalArtifact: { definition: externalArtifactDefinition, decode: decodeExternalArtifact },
}

const defaultRequeueDependencyMs = 5_000
/** Sources that are downloaded at the same time. */
const concurrency = 4

/** Where a source is. */
export function sourceKey(
  { metadata }: ArtifactGenerator,
  { name, namespace }: GeneratorSource,
): ObjectKey & { readonly namespace: string } {
  return { name, namespace: namespace || (metadata.namespace ?? '') }
}

/** Finds out what the sources serve. */
export const observeSources: GeneratorStep = async (work) => {
  const { spec } = work.run.object
  const sources = new Map<string, Artifact>()
  try {
    // Sequential: the first that is missing is the one to name.
    for (const source of spec.sources) sources.set(source.alias, await readSource(work, source))
  } catch (error) {
    throw unavailable(work, 'get sources failed', error)
  }
  work.sources = sources
  work.sourcesDigest = digestOf(sources)
  return undefined
}

/** Fetches the sources' files. */
export const fetchSources: GeneratorStep = async (work) => {
  const { deps, run, sources } = work
  const trees = new Map<string, FileTree>()
  const waiting = [...sources]
  const next = async (): Promise<void> => {
    for (let entry = waiting.shift(); entry; entry = waiting.shift()) {
      const [alias, artifact] = entry
      trees.set(alias, await deps.fetcher.fetchTree(artifact, run))
    }
  }
  try {
    await Promise.all(Array.from({ length: concurrency }, next))
  } catch (error) {
    if (!(error instanceof ArtifactError)) throw error
    throw unavailable(work, 'fetch sources failed', error)
  }
  work.trees = trees
  return undefined
}

async function readSource({ run, deps }: GeneratorWork, source: GeneratorSource): Promise<Artifact> {
  const { definition, decode } = generatorSourceKinds[source.kind]
  const resource = resourceOf(definition)
  const key = sourceKey(run.object, source)
  const reference = `${key.namespace}/${key.name}`
  let found: WithArtifact
  try {
    found = decode(await deps.cluster.get(resource, key, run))
  } catch (cause) {
    // What is read from a cache is named by its kind, not by the word in the URL.
    if (isApiError(cause, 'NotFound')) {
      throw new SourceProblem(`${resource.kind}.${resource.group} "${key.name}" not found`)
    }
    throw new SourceProblem(`unable to get source '${reference}': ${errorChain(cause)}`)
  }
  const artifact = found.status?.artifact
  if (!artifact) throw new SourceProblem(`source '${source.kind}/${reference}' is not ready`)
  return artifact
}

class SourceProblem extends Error {
  override readonly name = 'SourceProblem'
}

function unavailable({ deps }: GeneratorWork, what: string, error: unknown): ReconcileFailure {
  const { requeueDependencyMs: retryAfterMs = defaultRequeueDependencyMs } = deps
  return new ReconcileFailure(generatorReasons.sourceFetchFailed, `${what}: ${errorChain(error)}`, {
    retryAfterMs,
  })
}

/** Source: fluxcd/source-watcher api/v1beta1, observed sources. */
function digestOf(sources: ReadonlyMap<string, Artifact>): string {
  const parts = [...sources].map(
    ([alias, { digest, revision, url }]) => `${alias}=[digest=${digest},revision=${revision},url=${url}]`,
  )
  return `sha256:${createHash('sha256').update(parts.toSorted().join('|')).digest('hex')}`
}
