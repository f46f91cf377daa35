import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { FileTree } from '@sluice/ports'
import type { SourceHarness } from '../source-harness.ts'

/** Conditions are for people: as long as this at most. */
const maxMessage = 32_768
const patienceMs = 120_000

/**
 * Waits for a conclusion about each object, and gives what is wrong with it: the source must have failed with words for it,
 * or its artifact must have nothing that could harm whoever unpacks it.
 */
export async function problemsOf(
  it: SourceHarness,
  kind: string,
  names: readonly string[],
): Promise<readonly string[]> {
  const start = performance.now()
  const isConcluded = (name: string): boolean => (it.ready(kind, name)?.status ?? 'Unknown') !== 'Unknown'
  while (!names.every(isConcluded)) {
    if (performance.now() - start > patienceMs) {
      return names.filter((name) => !isConcluded(name)).map((name) => `${name}: no conclusion`)
    }
    await it.advance(0)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  const problems: string[] = []
  for (const name of names) {
    // One after the other: artifacts are fetched and unpacked.
    const found = [...problemsWithStatus(it, kind, name), ...(await problemsWithArtifact(it, kind, name))]
    problems.push(...found.map((problem) => `${name}: ${problem}`))
  }
  return problems
}

function problemsWithStatus(it: SourceHarness, kind: string, name: string): readonly string[] {
  const { length } = it.ready(kind, name)?.message ?? ''
  return [
    ...(length === 0 ? ['no words for it'] : []),
    ...(length > maxMessage ? [`a message of ${length}`] : []),
    ...(JSON.stringify(it.status(kind, name)).includes('s3cret') ? ['the secret is in the status'] : []),
  ]
}

async function problemsWithArtifact(
  it: SourceHarness,
  kind: string,
  name: string,
): Promise<readonly string[]> {
  if (it.ready(kind, name)?.status !== 'True') return []
  const { artifact } = it.status(kind, name)
  if (!artifact) return ['ready without an artifact']
  // Nothing but what the store makes, in the object's own directory.
  const files = readdirSync(join(it.storeDirectory, artifact.path, '..'))
  const strange = files.filter((file) => !/^[\w.:+-]+$/.test(file)).map((file) => `the store has ${file}`)
  // Charts are stored as they came once they could be read; of their paths the first part never counts.
  if (kind === 'HelmChart' || !artifact.path.endsWith('.tar.gz')) return strange
  try {
    return [...strange, ...problemsIn(await it.fetch(kind, name), kind)]
  } catch (error) {
    return [...strange, `it cannot be unpacked: ${String(error)}`]
  }
}

/** Unpacking refuses what leaves its root, and links are no files. Buckets know nothing of version control. */
function problemsIn(tree: FileTree, kind: string): readonly string[] {
  const refused = ['.', '..', '', ...(kind === 'Bucket' ? [] : ['.git'])]
  const walk = (directory: string): readonly string[] =>
    tree.list(directory).flatMap((child) => {
      const path = directory === '' ? child : `${directory}/${child}`
      if (refused.includes(child)) return [`it has ${path}`]
      return tree.stat(path)?.kind === 'directory' ? walk(path) : []
    })
  return walk('')
}
