// A server over a store on disk that writes until it is killed: node … apiserver-victim.ts DIRECTORY SEED DIARY
// Each write is in its diary before it is made ("+ key value") and after it was acknowledged ("= key value"). The diary
// is a file: what waits to be sent when a process is killed is lost, what it has written to a file is not.
import { openSync, writeSync } from 'node:fs'
import { createApiServer, fileStorage, inProcessTransport } from '@sluice/apiserver'
import type { KubeObject } from '@sluice/ports'
import { seededRandom } from '@sluice/ports/testing'

const [directory = '', seed = '1', diary = ''] = process.argv.slice(2)
const file = openSync(diary, 'a')
const random = seededRandom(Number(seed))
const { signal } = new AbortController()
const writers = 8
const names = 40
const collection = '/api/v1/namespaces/default/configmaps'

// Small snapshots, so that kills hit their making too.
const storage = await fileStorage({ directory, snapshotBytes: 64 * 1024 })
const transport = inProcessTransport(await createApiServer({ storage }))
process.stdout.write('ready\n')
await Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)))

/** Each writer has names of its own, so that what it last wrote is what must be there. */
async function write(writer: number): Promise<void> {
  for (let index = 0; ; index += 1) {
    const name = `w${writer}-${Math.floor(random.float() * names)}`
    const value = `${writer}-${index}-${'x'.repeat(Math.floor(random.float() * 2_000))}`
    const path = `${collection}/${name}`
    // A writer goes on when it is acknowledged.
    if (random.float() < 0.15) await attempt(name, '', () => remove(path))
    else await attempt(name, value, () => put(name, path, value))
  }
}

async function attempt(name: string, value: string, run: () => Promise<void>): Promise<void> {
  const shown = value === '' ? '-' : value
  say(`+ ${name} ${shown}`)
  await run()
  say(`= ${name} ${shown}`)
}

async function put(name: string, path: string, value: string): Promise<void> {
  const body: KubeObject = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name },
    data: { value },
  }
  const query = { fieldManager: 'chaos', force: 'true' }
  await transport.request(
    {
      method: 'PATCH',
      path,
      query,
      contentType: 'application/apply-patch+yaml',
      body,
    },
    { signal },
  )
}

async function remove(path: string): Promise<void> {
  try {
    await transport.request({ method: 'DELETE', path }, { signal })
  } catch (error) {
    // Never made, or deleted before.
    if (!(error instanceof Error) || !error.message.endsWith('not found')) throw error
  }
}

function say(line: string): void {
  writeSync(file, `${line}\n`)
}
