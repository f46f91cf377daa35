import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { createReplicatedStore, digestOf } from '@sluice/artifact'
import { createHttp, createTempDirectory } from '@sluice/host'
import { seededRandom } from '@sluice/ports/testing'
import { expect, test } from 'vitest'
import { openBlobStore } from '../src/index.ts'
import { s3Credentials, startS3Server } from './s3-server.ts'

const kills = 8
const random = seededRandom(21)

/** Kills a writer at some moment after it has stored both contents; gives their digests. */
async function killWriter(directory: string, url: string): Promise<readonly string[]> {
  const writer = fork(new URL('endless-writer.ts', import.meta.url), [directory, url], {
    execArgv: ['--conditions=@sluice/source', '--import', 'tsx'],
  })
  const exited = once(writer, 'exit')
  const digests: string[] = []
  writer.on('message', (digest) => digests.push(digest as string))
  while (digests.length < 2 && writer.exitCode === null) await sleep(5)
  await sleep(random.float() * 60)
  writer.kill('SIGKILL')
  await exited
  return digests
}

test('a bucket whose writer is killed holds the old artifact or the new one', {
  timeout: 120_000,
}, async () => {
  await using disk = await createTempDirectory('crash-')
  const s3 = await startS3Server()
  const http = createHttp()
  const { accessKey, secretKey } = s3Credentials
  const clock = { now: () => Date.now(), sleep: async () => {} }
  const blobs = openBlobStore(s3.url, {
    http,
    clock,
    surroundings: {
      env: { AWS_ACCESS_KEY_ID: accessKey, AWS_SECRET_ACCESS_KEY: secretKey },
      readFile: () => Promise.reject(new Error('not there')),
    },
    signal: new AbortController().signal,
  })
  try {
    for (let i = 0; i < kills; i += 1) {
      // One crash follows the other, with the same disk and bucket.
      const digests = await killWriter(disk.path, s3.url)
      await using other = await createTempDirectory('replica-')
      const options = { directory: other.path, advertisedAddress: 'localhost', clock, blobs }
      const replica = createReplicatedStore(options)
      const place = { kind: 'gitrepository', namespace: 'apps', name: 'app', fileName: 'app.tar.gz' }
      const blob = await blobs.find(place)
      expect(digests).toContain(blob?.digest)
      const content = await replica.read({ path: 'gitrepository/apps/app/app.tar.gz' })
      expect(digestOf(content)).toBe(blob?.digest)
      expect(await replica.prepare('gitrepository/apps/app/latest.tar.gz')).toBe('present')
      await blobs.removeUnused(place)
      // The link may still stand for the file before.
      expect([...s3.objects.keys()].filter((key) => key.includes('/content/')).length).toBeLessThanOrEqual(2)
    }
  } finally {
    await http.close()
    s3.close()
  }
})
