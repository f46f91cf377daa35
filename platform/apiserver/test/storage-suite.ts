import type { KubeObject } from '@sluice/ports'
import { afterEach, describe, expect, test } from 'vitest'
import type { Storage } from '../src/storage/storage.ts'

const signal = new AbortController().signal
const key = (name: string, namespace = 'default'): string => `//configmaps/${namespace}/${name}`
const object = (name: string, value = '1'): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default' },
  data: { value },
})
const names = (objects: readonly KubeObject[]): (string | undefined)[] =>
  objects.map((it) => it.metadata.name)
const at = (it: KubeObject): { kind: 'at'; resourceVersion: string } => ({
  kind: 'at',
  resourceVersion: it.metadata.resourceVersion ?? '',
})

/** What every storage must do. `create` gives an empty one with a history of at least 50 changes. */
export function testStorage(title: string, create: () => Promise<Storage>): void {
  describe.each([title])('%s', () => {
    const opened: Storage[] = []
    const open = async (): Promise<Storage> => {
      const storage = await create()
      opened.push(storage)
      return storage
    }
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((it) => it.close()))
    })

    test('a write gets the next revision, is frozen and can be read', async () => {
      const store = await open()
      const first = await store.put(key('a'), object('a'), { kind: 'absent' })
      const second = await store.put(key('b'), object('b'), { kind: 'absent' })
      expect(Number(second.metadata.resourceVersion)).toBe(Number(first.metadata.resourceVersion) + 1)
      expect(Object.isFrozen(first['data'])).toBe(true)
      expect(store.get(key('a'))).toBe(first)
      expect(store.revision).toBe(Number(second.metadata.resourceVersion))
    })

    test('preconditions are kept', async () => {
      const store = await open()
      const first = await store.put(key('a'), object('a'), { kind: 'absent' })
      await expect(store.put(key('a'), object('a'), { kind: 'absent' })).rejects.toMatchObject({
        code: 'PRECONDITION_FAILED',
      })
      const second = await store.put(key('a'), object('a', '2'), at(first))
      await expect(store.put(key('a'), object('a', '3'), at(first))).rejects.toThrow(
        'is not the expected one',
      )
      await expect(store.delete(key('a'), at(first))).rejects.toThrow('is not the expected one')
      await store.delete(key('a'), at(second))
      await expect(store.delete(key('a'), at(second))).rejects.toThrow('is not the expected one')
      expect(store.get(key('a'))).toBeUndefined()
    })

    test('of racing writers exactly one wins, and the others see its result when they hear of it', async () => {
      const store = await open()
      const first = await store.put(key('a'), object('a'), { kind: 'absent' })
      const results = await Promise.all(
        Array.from({ length: 10 }, (_, index) =>
          store.put(key('a'), object('a', String(index)), at(first)).then(
            (it) => it,
            () => store.get(key('a')),
          ),
        ),
      )
      expect(new Set(results).size).toBe(1)
      expect(results[0]).not.toBe(first)
    })

    test('lists are in the order of keys, cut and continued', async () => {
      const store = await open()
      for (const name of ['b', 'd', 'a', 'c']) await store.put(key(name), object(name), { kind: 'absent' })
      await store.put(key('x', 'other'), object('x'), { kind: 'absent' })
      await store.put('/apps/deployments/default/a', object('a'), { kind: 'absent' })
      expect(names(store.list('//configmaps/').objects)).toEqual(['a', 'b', 'c', 'd', 'x'])
      const page = store.list('//configmaps/default/', { limit: 3 })
      expect(names(page.objects)).toEqual(['a', 'b', 'c'])
      expect(page.remaining).toBe(1)
      expect(names(store.list('//configmaps/default/', { after: key('c') }).objects)).toEqual(['d'])
    })

    test('a list as of an earlier revision shows what was there then', async () => {
      const store = await open()
      const a = await store.put(key('a'), object('a'), { kind: 'absent' })
      await store.put(key('c'), object('c'), { kind: 'absent' })
      const { revision } = store
      await store.put(key('a'), object('a', '2'), at(a))
      await store.put(key('b'), object('b'), { kind: 'absent' })
      await store.delete(key('c'), at(store.get(key('c')) ?? object('c')))
      const then = store.list('//configmaps/', { revision })
      expect(names(then.objects)).toEqual(['a', 'c'])
      expect(then.objects[0]).toBe(a)
      expect(names(store.list('//configmaps/', { revision, after: key('a'), limit: 1 }).objects)).toEqual([
        'c',
      ])
      store.compact()
      expect(() => store.list('//configmaps/', { revision })).toThrow('too old resource version')
    })

    test('a watch tells what was missed and what comes, with the state before', async () => {
      const store = await open()
      const a = await store.put(key('a'), object('a'), { kind: 'absent' })
      const { revision } = store
      const b = await store.put(key('a'), object('a', '2'), at(a))
      const stop = new AbortController()
      const events = store.watch('//configmaps/default/', { revision, signal: stop.signal })
      await store.put(key('z', 'other'), object('z'), { kind: 'absent' })
      const last = await store.delete(key('a'), at(b))
      const seen: [string, string, string | undefined][] = []
      for await (const { type, object: it, previous } of events) {
        seen.push([type, it.metadata.resourceVersion ?? '', previous?.metadata.resourceVersion])
        if (type === 'delete') stop.abort()
      }
      expect(seen).toEqual([
        ['put', b.metadata.resourceVersion, a.metadata.resourceVersion],
        ['delete', last.metadata.resourceVersion, b.metadata.resourceVersion],
      ])
    })

    test('a watch from a forgotten revision is refused at once', async () => {
      const store = await open()
      await store.put(key('a'), object('a'), { kind: 'absent' })
      store.compact()
      expect(() => store.watch('//configmaps/', { revision: 0, signal })).toThrow(
        'too old resource version: 0',
      )
    })

    test('closing ends watches and refuses writes', async () => {
      const store = await open()
      const events = store.watch('//configmaps/', { revision: store.revision, signal })
      await store.close()
      for await (const event of events) expect(event).toBeUndefined()
      await expect(store.put(key('a'), object('a'), { kind: 'absent' })).rejects.toMatchObject({
        code: 'STORAGE_CLOSED',
      })
    })
  })
}
