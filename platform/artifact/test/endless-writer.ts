// Stores the same artifact with two contents in turn, until it is killed. Run by crash.test.ts.
import { memoryFileTree } from '@sluice/ports'
import { createArtifactStore } from '../src/index.ts'

const [directory = ''] = process.argv.slice(2)
const clock = { now: () => Date.now(), sleep: async () => {} }
const store = createArtifactStore({ directory, advertisedAddress: 'localhost', clock })
const trees = ['old', 'new'].map((text) =>
  memoryFileTree(
    Array.from({ length: 40 }, (_, i) => [`dir-${i % 4}/file-${i}`, `${text} ${i}`.repeat(500)]),
  ),
)

for (let i = 0; ; i += 1) {
  const tree = trees[i % 2]
  if (!tree) break
  const place = { kind: 'GitRepository', namespace: 'apps', name: 'app', fileName: 'app.tar.gz' }
  // One after the other, as a controller's queue does.
  const stored = await store.archive(place, 'main@sha1:0', { tree })
  await store.link(stored, 'latest.tar.gz')
  await store.collectGarbage(stored)
  if (i < 2) process.send?.(stored.digest)
}
