// Stores the same artifact with two contents in turn, on a disk and in a bucket, until it is killed. Run by crash.test.ts.
import { createReplicatedStore } from '@sluice/artifact'
import { createHttp } from '@sluice/host'
import { memoryFileTree } from '@sluice/ports'
import { openBlobStore } from '../src/index.ts'
import { s3Credentials } from './s3-server.ts'

const [directory = '', url = ''] = process.argv.slice(2)
const clock = { now: () => Date.now(), sleep: async () => {} }
const { accessKey, secretKey } = s3Credentials
const blobs = openBlobStore(url, {
  http: createHttp(),
  clock,
  surroundings: {
    env: { AWS_ACCESS_KEY_ID: accessKey, AWS_SECRET_ACCESS_KEY: secretKey },
    readFile: () => Promise.reject(new Error('not there')),
  },
  signal: new AbortController().signal,
})
const store = createReplicatedStore({ directory, advertisedAddress: 'localhost', clock, blobs })
const trees = ['old', 'new'].map((text) =>
  memoryFileTree(Array.from({ length: 40 }, (_, i) => [`file-${i}`, `${text} ${i}`.repeat(500)])),
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
