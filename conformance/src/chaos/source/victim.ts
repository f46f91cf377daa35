// Fetches a repository again and again, as its controller does, until it is killed: node … victim.ts DIRECTORY URL
// Each step is announced before it is made ("step NAME"); a kill hits it, or what comes after.
import { createArtifactStore, sourceIgnoreFilter } from '@sluice/artifact'
import { createGitClient } from '@sluice/git'
import { createHttp, systemClock } from '@sluice/host'

const [directory = '', url = ''] = process.argv.slice(2)
const { signal } = new AbortController()
const git = createGitClient({ http: createHttp() })
const store = createArtifactStore({
  directory,
  advertisedAddress: 'localhost',
  clock: systemClock,
  retentionTtlMs: 0,
})
const owner = { kind: 'GitRepository', namespace: 'apps', name: 'app' }

say('ready')
for (let round = 0; ; round += 1) {
  const branch = round % 2 === 0 ? 'old' : 'new'
  // One step after the other, one round after the other.
  say('step fetch')
  const result = await git.checkOut({ url }, { branch }, { signal, timeoutMs: 60_000 })
  if (result.kind !== 'checkedOut') throw new Error(result.kind)
  say('step archive')
  const isExcluded = sourceIgnoreFilter(result.tree, undefined)
  const fileName = `${result.commit.id}.tar.gz`
  const place = { ...owner, fileName }
  const stored = await store.archive(place, result.revision, { tree: result.tree, isExcluded })
  say('step link')
  await store.link(stored, 'latest.tar.gz')
  say('step verify')
  await store.verify(stored)
  say('step collect')
  await store.collectGarbage(stored)
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
