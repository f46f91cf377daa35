import type { JsonObject, JsonValue } from '@sluice/ports'
import { builtinSchema } from '@sluice/schema'
import { describe, expect, test } from 'vitest'
import { jsonPatch, mergePatch, strategicMerge } from '../index.ts'

describe('mergePatch', () => {
  test.for<[JsonValue, JsonValue, JsonValue]>([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: 'foo' }, null, null],
    [[1, 2], { a: 'b', c: null }, { a: 'b' }],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  ])('%j with %j is %j', ([target, patch, want]) => {
    expect(mergePatch(target, patch)).toEqual(want)
  })

  test('a field named __proto__ is a field', () => {
    const result = mergePatch({}, JSON.parse('{"__proto__":{"x":1}}') as JsonValue)
    expect(JSON.stringify(result)).toBe('{"__proto__":{"x":1}}')
  })
})

describe('jsonPatch', () => {
  test.for<[JsonValue, JsonValue, JsonValue]>([
    [{ a: 1 }, [{ op: 'add', path: '/b/~1c', value: 2 }], 'error'],
    [{ a: [1, 3] }, [{ op: 'add', path: '/a/1', value: 2 }], { a: [1, 2, 3] }],
    [{ a: [1] }, [{ op: 'add', path: '/a/-', value: 2 }], { a: [1, 2] }],
    [{ a: [1] }, [{ op: 'add', path: '/a/2', value: 2 }], 'error'],
    [{ a: [1, 2] }, [{ op: 'remove', path: '/a/-1' }], { a: [1] }],
    [{ a: 1 }, [{ op: 'replace', path: '/a', value: null }], { a: null }],
    [{ a: 1 }, [{ op: 'replace', path: '/b', value: 1 }], { a: 1, b: 1 }],
    [[1, 2], [{ op: 'add', path: '/-1', value: 3 }], [1, 2, 3]],
    [{ a: { b: 1 } }, [{ op: 'move', from: '/a/b', path: '/c' }], { a: {}, c: 1 }],
    [{ a: { b: 1 } }, [{ op: 'copy', from: '/a', path: '/c' }], { a: { b: 1 }, c: { b: 1 } }],
    [{ a: [{ b: 1 }] }, [{ op: 'test', path: '/a', value: [{ b: 1 }] }], { a: [{ b: 1 }] }],
    [{ a: 1 }, [{ op: 'test', path: '/a', value: 2 }], 'error'],
    [{}, [{ op: 'nope', path: '/a' }], 'error'],
    [{}, { op: 'add' }, 'error'],
  ])('%j with %j is %j', ([document, patch, want]) => {
    expect(outcome(() => jsonPatch(document, patch))).toEqual(want)
  })

  test.for<[string, JsonValue, string]>([
    [
      'a/9',
      [],
      "error in remove for path: '/a/9': Unable to access invalid index: 9: invalid index referenced",
    ],
    ['a/x', [], 'error in remove for path: \'/a/x\': strconv.Atoi: parsing "x": invalid syntax'],
    ['q', [], "error in remove for path: '/q': Unable to remove nonexistent key: q: missing value"],
    ['q/r', [], 'remove operation does not apply: doc is missing path: "/q/r": missing value'],
    ['', [{ op: 'test', path: '/a/0', value: 2 }], 'testing value /a/0 failed: test failed'],
    [
      '',
      [{ op: 'replace' }],
      'replace operation failed to decode path: operation missing path field: missing value',
    ],
    ['', ['x'], 'json: cannot unmarshal string into Go value of type jsonpatch.Operation'],
  ])('says of %s what the library says', ([path, patch, message]) => {
    const operations = path === '' ? patch : [{ op: 'remove', path: `/${path}` }]
    expect(() => jsonPatch({ a: [1] }, operations)).toThrow(message)
  })

  test('copies cannot grow without end', () => {
    const copy = { op: 'copy', from: '/a', path: '/a/-' }
    expect(() =>
      jsonPatch(
        { a: [1, 2] },
        Array.from({ length: 60 }, () => copy),
      ),
    ).toThrow('copies too much')
  })
})

describe('strategicMerge', () => {
  const pod = builtinSchema({ group: '', version: 'v1', kind: 'Pod' })
  test.for<[string, JsonObject, JsonObject, JsonObject]>([
    [
      'new items come before those that the patch does not name',
      { spec: { containers: [{ name: 'a' }, { name: 'b' }] } },
      { spec: { containers: [{ name: 'c' }] } },
      { spec: { containers: [{ name: 'c' }, { name: 'a' }, { name: 'b' }] } },
    ],
    [
      'items keep their places around those that the patch names',
      { spec: { containers: [{ name: 'a' }, { name: 'b' }, { name: 'd' }] } },
      { spec: { containers: [{ name: 'c' }, { name: 'b', image: 'x' }] } },
      { spec: { containers: [{ name: 'c' }, { name: 'a' }, { name: 'b', image: 'x' }, { name: 'd' }] } },
    ],
    [
      'items merge by their key',
      containers([{ name: 'a', image: '1' }]),
      containers([{ name: 'a', image: '2' }, { name: 'b' }]),
      containers([{ name: 'a', image: '2' }, { name: 'b' }]),
    ],
    [
      'an item is deleted',
      containers([{ name: 'a' }, { name: 'b' }]),
      containers([{ name: 'a', $patch: 'delete' }]),
      containers([{ name: 'b' }]),
    ],
    [
      'a list is replaced',
      containers([{ name: 'a' }]),
      containers([{ $patch: 'replace' }, { name: 'c' }]),
      containers([{ name: 'c' }]),
    ],
    [
      'an order is set, others stay before what they stood before',
      containers([{ name: 'x' }, { name: 'a' }, { name: 'b' }]),
      containers([], [{ name: 'b' }, { name: 'a' }]),
      containers([{ name: 'x' }, { name: 'b' }, { name: 'a' }]),
    ],
    [
      'plain values are a union, and can be taken out',
      { metadata: { finalizers: ['a', 'b'] } },
      { metadata: { finalizers: ['b', 'c'], '$deleteFromPrimitiveList/finalizers': ['a'] } },
      { metadata: { finalizers: ['b', 'c'] } },
    ],
    [
      'an object is replaced',
      { metadata: { labels: { a: '1' } } },
      { metadata: { labels: { b: '2', $patch: 'replace' } } },
      { metadata: { labels: { b: '2' } } },
    ],
    [
      'only the retained keys stay',
      { spec: { volumes: [{ name: 'v', emptyDir: {} }] } },
      { spec: { volumes: [{ name: 'v', hostPath: { path: '/' }, $retainKeys: ['name', 'hostPath'] }] } },
      { spec: { volumes: [{ name: 'v', hostPath: { path: '/' } }] } },
    ],
  ])('%s', ([, original, patch, want]) => {
    expect(strategicMerge(original, patch, pod)).toEqual(want)
  })

  test('an item without its key is refused', () => {
    expect(() => strategicMerge({}, containers([{ image: 'x' }]), pod)).toThrow('declared merge key: name')
  })
})

function containers(list: JsonValue, order?: JsonValue): JsonObject {
  return {
    spec: { containers: list, ...(order === undefined ? {} : { '$setElementOrder/containers': order }) },
  }
}

function outcome(run: () => JsonValue): JsonValue {
  try {
    return run()
  } catch {
    return 'error'
  }
}
