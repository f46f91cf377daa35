import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { fileStorage, type Storage } from '@sluice/apiserver'
import { systemClock } from '@sluice/host'
import { seededRandom } from '@sluice/ports/testing'
import type { Campaign } from './registry.ts'

/** What a writer knows of one object: its last acknowledged state and the one on its way, absent ones as `-`. */
type Known = { acknowledged: string; attempted: string | undefined }

const longestLifeMs = 700

/**
 * Kills a server in the middle of writing, again and again on the same store, and checks each time that every
 * acknowledged write is there and no other: what was on its way may be there or not, but nothing else.
 */
export const apiserverCampaign: Campaign = async ({ kills, seed, log }) => {
  const directory = await mkdtemp(`${tmpdir()}/sluice-chaos-`)
  const random = seededRandom(seed)
  const known = new Map<string, Known>()
  let passed = 0
  let failed = 0
  try {
    for (let kill = 1; kill <= kills; kill += 1) {
      // One life after the other, each on what the last one left.
      await live(directory, {
        seed: seed * 1_000 + kill,
        lifeMs: random.float() * longestLifeMs,
        heard: (line) => note(known, line),
      })
      const problems = await check(directory, known)
      if (problems.length === 0) passed += 1
      else failed += 1
      for (const problem of problems.slice(0, 5)) log(`kill ${kill}: ${problem}`)
    }
    log(`seed ${seed}: ${known.size} objects, ${kills} kills`)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
  return { passed, failed }
}

/** One life of a victim; `heard` is told the lines of its diary. */
type Life = { readonly seed: number; readonly lifeMs: number; readonly heard: (line: string) => void }

async function live(directory: string, { seed, lifeMs, heard }: Life): Promise<void> {
  const script = fileURLToPath(new URL('./apiserver-victim.ts', import.meta.url))
  const diary = `${directory}.diary`
  await rm(diary, { force: true })
  const child = spawn(
    process.execPath,
    ['--conditions=@sluice/source', '--import', 'tsx', script, directory, String(seed), diary],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => resolve())
  })
  await Promise.race([once(child.stdout, 'data'), ended])
  await systemClock.sleep(lifeMs)
  child.kill('SIGKILL')
  await ended
  const text = await readFile(diary, 'utf8').catch((error: NodeJS.ErrnoException) => {
    // Killed before its first word.
    if (error.code === 'ENOENT') return ''
    throw error
  })
  for (const line of text.split('\n')) heard(line)
  await rm(diary, { force: true })
}

function note(known: Map<string, Known>, line: string): void {
  const [sign, name, value] = line.split(' ')
  // The last line may have been cut off by the kill; what is whole has its three parts.
  if (name === undefined || value === undefined) return
  const before = known.get(name) ?? { acknowledged: '-', attempted: undefined }
  if (sign === '+') known.set(name, { ...before, attempted: value })
  else if (sign === '=') known.set(name, { acknowledged: value, attempted: undefined })
}

async function check(directory: string, known: Map<string, Known>): Promise<string[]> {
  const storage = await fileStorage({ directory })
  try {
    return [...known].flatMap(([name, it]) => {
      const found = stateOf(storage, name)
      const isRight = found === it.acknowledged || found.startsWith(it.attempted ?? '\0')
      if (!isRight) return [`${name}: acknowledged ${shown(it.acknowledged)}, found ${shown(found)}`]
      // From here on what was found is what must stay.
      known.set(name, { acknowledged: found, attempted: undefined })
      return []
    })
  } finally {
    await storage.close()
  }
}

function stateOf(storage: Storage, name: string): string {
  const object = storage.get(`//configmaps/default/${name}`)
  return object ? (object['data'] as { readonly value: string }).value : '-'
}

function shown(value: string): string {
  return value.slice(0, 40)
}
