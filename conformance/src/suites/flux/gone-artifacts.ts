import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Mismatch } from '../../suite.ts'
import type { Environment } from './environment.ts'

const sourceKinds = 'gitrepositories,ocirepositories,helmrepositories,helmcharts,buckets'

/** Addresses of artifacts by `Kind/name`, as they were when they were last looked at. */
export type KnownArtifacts = Map<string, string>

/** Remembers where the artifacts of a namespace's sources are. */
export async function rememberArtifacts(
  known: KnownArtifacts,
  { kubectl }: Environment,
  namespace: string,
): Promise<void> {
  for (const [name, url] of await artifactsOf(kubectl, namespace)) known.set(name, url)
}

/**
 * Compares what `http.txt` holds: the status that the artifact server answers with for what it served before its object
 * was deleted.
 */
export async function compareAnswers(
  folder: string,
  known: KnownArtifacts,
  { environment, namespace }: { readonly environment: Environment; readonly namespace: string },
): Promise<string | undefined> {
  const file = join(folder, 'http.txt')
  if (!existsSync(file)) return undefined
  const want = readFileSync(file, 'utf8').trim()
  const there = await artifactsOf(environment.kubectl, namespace)
  const gone = [...known].filter(([name]) => !there.has(name))
  if (gone.length === 0) throw new Mismatch('no object with an artifact has been deleted')
  for (const [name, url] of gone) {
    // One after the other: mostly it is one.
    const got = String(await environment.statusOf(url))
    if (got !== want) return `${name}: want ${want}, got ${got}`
  }
  return undefined
}

async function artifactsOf(
  kubectl: Environment['kubectl'],
  namespace: string,
): Promise<ReadonlyMap<string, string>> {
  const { stdout } = await kubectl(['get', sourceKinds, '-n', namespace, '-o', 'json'])
  const { items = [] } = (stdout === '' ? {} : JSON.parse(stdout)) as {
    readonly items?: readonly {
      readonly kind: string
      readonly metadata: { readonly name: string }
      readonly status?: { readonly artifact?: { readonly url: string } }
    }[]
  }
  return new Map(
    items.flatMap(({ kind, metadata, status }) =>
      status?.artifact ? [[`${kind}/${metadata.name}`, status.artifact.url] as const] : [],
    ),
  )
}
