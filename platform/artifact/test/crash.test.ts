import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createTempDirectory, gunzip, readTar } from '@sluice/host'
import { memoryFileTree } from '@sluice/ports'
import { fakeClock, seededRandom } from '@sluice/ports/testing'
import { expect, test } from 'vitest'
import { createArtifactStore, digestOf } from '../src/index.ts'

const kills = 12
const random = seededRandom(20)

/** Kills a writer at some moment after it has stored both contents; gives their digests. */
async function killWriter(directory: string): Promise<readonly string[]> {
  const writer = fork(new URL('endless-writer.ts', import.meta.url), [directory], {
    execArgv: ['--conditions=@sluice/source', '--import', 'tsx'],
  })
  const exited = once(writer, 'exit')
  const digests: string[] = []
  writer.on('message', (digest) => digests.push(digest as string))
  while (digests.length < 2 && writer.exitCode === null) await sleep(5)
  await sleep(random.float() * 40)
  writer.kill('SIGKILL')
  await exited
  return digests
}

test('a store whose process is killed holds the old artifact or the new one', {
  timeout: 120_000,
}, async () => {
  await using temp = await createTempDirectory('crash-')
  const at = join(temp.path, 'gitrepository/apps/app')
  const seen = new Set<string>()
  for (let i = 0; i < kills; i += 1) {
    // One crash follows the other, in the same directory.
    const digests = await killWriter(temp.path)
    const content = await readFile(join(at, 'app.tar.gz'))
    expect(digests).toContain(digestOf(content))
    seen.add(digestOf(content))
    expect([...readTar(await gunzip(content, { maxBytes: 10 ** 7 }))]).toHaveLength(45)
    expect(await readlink(join(at, 'latest.tar.gz'))).toBe('app.tar.gz')
  }
  // What the crashes left behind goes once it is old; the store works on.
  const clock = fakeClock(Date.now() + 3_600_000)
  const store = createArtifactStore({ directory: temp.path, advertisedAddress: 'localhost', clock })
  const place = { kind: 'GitRepository', namespace: 'apps', name: 'app', fileName: 'app.tar.gz' }
  const stored = await store.archive(place, 'main@sha1:1', { tree: memoryFileTree([['a', 'a']]) })
  await store.verify(stored)
  await store.collectGarbage(stored)
  expect((await readdir(at)).toSorted()).toEqual(['app.tar.gz', 'app.tar.gz.lock', 'latest.tar.gz'])
  expect(seen.size).toBeGreaterThan(0)
})
