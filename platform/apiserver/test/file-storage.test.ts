import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import type { KubeObject } from '@sluice/ports'
import { afterAll, describe, expect, test } from 'vitest'
import { type FileStorageOptions, fileStorage } from '../src/storage/file/file-storage.ts'
import { openLogFile } from '../src/storage/file/log-file.ts'
import type { Storage, StorageError } from '../src/storage/storage.ts'
import { testStorage } from './storage-suite.ts'

const root = await mkdtemp(`${tmpdir()}/sluice-store-`)
let next = 0
const fresh = (): string => `${root}/${(next += 1)}`
afterAll(() => rm(root, { recursive: true }))

testStorage('fileStorage', () => fileStorage({ directory: fresh() }))

const key = (name: string): string => `//configmaps/default/${name}`
const object = (name: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default' },
  data: { text: 'ü'.repeat(20) },
})
const names = (store: Storage): (string | undefined)[] =>
  store.list('//configmaps/').objects.map((it) => it.metadata.name)

async function filled(count: number, options: Partial<FileStorageOptions> = {}): Promise<string> {
  const directory = fresh()
  const store = await fileStorage({ directory, ...options })
  for (let index = 0; index < count; index += 1) {
    // One frame each.
    await store.put(key(`n${index}`), object(`n${index}`), { kind: 'absent' })
  }
  await store.close()
  return directory
}

async function reopened(directory: string, options: Partial<FileStorageOptions> = {}): Promise<Storage> {
  const copy = fresh()
  await cp(directory, copy, { recursive: true })
  return fileStorage({ directory: copy, ...options })
}

test('what was written is there after a restart, at the same revision', async () => {
  const directory = await filled(3)
  const store = await reopened(directory)
  expect(names(store)).toEqual(['n0', 'n1', 'n2'])
  expect(store.revision).toBe(3)
  expect(store.get(key('n1'))).toEqual({
    ...object('n1'),
    metadata: { ...object('n1').metadata, resourceVersion: '2' },
  })
  expect((await store.put(key('x'), object('x'), { kind: 'absent' })).metadata.resourceVersion).toBe('4')
  await store.close()
})

test('snapshots take the place of old logs', async () => {
  const directory = await filled(60, { snapshotBytes: 2_000 })
  const files = await readdir(directory)
  expect(files.filter((it) => it.startsWith('snapshot-')).length).toBe(1)
  expect(files.filter((it) => it.startsWith('log-')).length).toBeLessThanOrEqual(2)
  const store = await reopened(directory)
  expect(names(store).length).toBe(60)
  expect(store.revision).toBe(60)
  await store.close()
})

test('a second process is kept out, and the lock of a dead one is taken over', async () => {
  const directory = fresh()
  const store = await fileStorage({ directory })
  await expect(fileStorage({ directory })).rejects.toMatchObject({ code: 'STORAGE_LOCKED' })
  await store.close()
  await writeFile(`${directory}/lock`, JSON.stringify({ pid: process.pid, started: '1' }))
  await (await fileStorage({ directory })).close()
})

test('another format is named', async () => {
  const directory = await filled(1)
  const [log = ''] = (await readdir(directory)).filter((it) => it.startsWith('log-'))
  const bytes = await readFile(`${directory}/${log}`)
  bytes.writeUInt32LE(7, 12)
  await writeFile(`${directory}/${log}`, bytes)
  await expect(fileStorage({ directory })).rejects.toThrow(
    'has format version 7, this program reads version 1',
  )
})

describe('a log cut or damaged at every byte of its last two writes', () => {
  test('cut: all whole writes are there, and new ones go on', async () => {
    const { directory, log, bytes, start } = await prepare()
    for (let end = start; end < bytes.length; end += 1) {
      await writeFile(`${directory}/${log}`, bytes.subarray(0, end))
      const store = await fileStorage({ directory })
      const whole = end < start + (bytes.length - start) / 2 ? 1 : 2
      expect(names(store).length).toBe(whole)
      await store.put(key('after'), object('after'), { kind: 'absent' })
      await store.close()
      const again = await fileStorage({ directory })
      expect(names(again)).toContain('after')
      await again.close()
    }
  })

  test('changed: never read as good', async () => {
    const { directory, log, bytes, start } = await prepare()
    let refused = 0
    for (let at = start; at < bytes.length; at += 1) {
      const broken = Buffer.from(bytes)
      broken[at] = (broken[at] ?? 0) ^ 0x41
      await writeFile(`${directory}/${log}`, broken)
      const outcome = await fileStorage({ directory }).then(survivors, refusal)
      refused += outcome === 'STORAGE_DAMAGED' ? 1 : 0
      // Only a length that reaches beyond the end looks like a write that was never finished.
      expect(['STORAGE_DAMAGED', 1, 2]).toContain(outcome)
    }
    expect(refused).toBeGreaterThan(bytes.length - start - 8)
  })

  test('salvage goes on with what comes before', async () => {
    const { directory, log, bytes, start } = await prepare()
    bytes[start + 20] = 0
    await writeFile(`${directory}/${log}`, bytes)
    const store = await fileStorage({ directory, salvage: true })
    expect(names(store)).toEqual(['n0'])
    await store.close()
  })
})

test('a full disk is said, changes nothing, and is over when there is space again', async () => {
  const directory = fresh()
  let full = false
  const store = await fileStorage({
    directory,
    openFile: async (path) => {
      const file = await openLogFile(path)
      return {
        ...file,
        write: async (bytes, position) => {
          if (!full) return file.write(bytes, position)
          await file.write(bytes.subarray(0, 10), position)
          throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
        },
      }
    },
  })
  await store.put(key('a'), object('a'), { kind: 'absent' })
  full = true
  const writes = ['b', 'c'].map((it) => store.put(key(it), object(it), { kind: 'absent' }))
  expect((await Promise.allSettled(writes)).map((it) => it.status)).toEqual(['rejected', 'rejected'])
  await expect(store.put(key('b'), object('b'), { kind: 'absent' })).rejects.toMatchObject({
    code: 'STORAGE_FULL',
  })
  expect(names(store)).toEqual(['a'])
  full = false
  await store.put(key('b'), object('b'), { kind: 'absent' })
  await store.close()
  const again = await fileStorage({ directory })
  expect(names(again)).toEqual(['a', 'b'])
  await again.close()
})

async function prepare(): Promise<{ directory: string; log: string; bytes: Buffer; start: number }> {
  const directory = await filled(3)
  const [log = ''] = (await readdir(directory)).filter((it) => it.startsWith('log-'))
  const bytes = await readFile(`${directory}/${log}`)
  const frame = (bytes.length - 16) / 3
  return { directory, log, bytes, start: 16 + frame }
}

async function survivors(store: Storage): Promise<number> {
  const { length } = names(store)
  await store.close()
  return length
}

function refusal(error: StorageError): string {
  return error.message.includes('is damaged at byte') ? error.code : error.message
}
