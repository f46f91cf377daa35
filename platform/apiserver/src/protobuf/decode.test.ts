import { describe, expect, test } from 'vitest'
import { decodeProtobufObject } from './decode.ts'

/** A message of fields: texts and messages by length, numbers as varints. */
function message(...fields: readonly (readonly [number, string | number | Uint8Array])[]): Uint8Array {
  return Buffer.concat(
    fields.map(([number, value]) => {
      if (typeof value === 'number') return Buffer.from([number << 3, value])
      const bytes = Buffer.from(value as string)
      return Buffer.concat([Buffer.from([(number << 3) | 2, bytes.length]), bytes])
    }),
  )
}

function body(apiVersion: string, kind: string, raw: Uint8Array): Uint8Array {
  const typeMeta = message([1, apiVersion], [2, kind])
  return Buffer.concat([Buffer.from('k8s\0'), message([1, typeMeta], [2, raw])])
}

describe('decodeProtobufObject', () => {
  test('a ConfigMap with its map and without empty texts', () => {
    const metadata = message([1, 'x'], [2, ''], [8, new Uint8Array()])
    const entry = message([1, '__proto__'], [2, 'v'])
    expect(decodeProtobufObject(body('v1', 'ConfigMap', message([1, metadata], [2, entry])))).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'x' },
      data: JSON.parse('{"__proto__":"v"}'),
    })
  })

  test('a pointer keeps an explicit zero, a plain number does not', () => {
    const spec = message([1, 0], [5, 0])
    expect(decodeProtobufObject(body('apps/v1', 'Deployment', message([2, spec])))).toMatchObject({
      spec: { replicas: 0 },
    })
  })

  test('inlined messages, lists, ports by name and times', () => {
    const port = message([1, 'http'], [3, 80], [4, message([1, 1], [3, 'web'])])
    const spec = message([1, port])
    const metadata = message([8, message([1, 60])])
    expect(decodeProtobufObject(body('v1', 'Service', message([1, metadata], [2, spec])))).toMatchObject({
      metadata: { creationTimestamp: '1970-01-01T00:01:00Z' },
      spec: { ports: [{ name: 'http', port: 80, targetPort: 'web' }] },
    })
    const source = message([1, message([1, 'cm'])], [2, 'key'])
    const env = message([1, 'A'], [3, message([3, source])])
    const pod = message([2, message([2, message([1, 'c'], [7, env])])])
    expect(decodeProtobufObject(body('v1', 'Pod', pod))).toMatchObject({
      spec: {
        containers: [{ env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'cm', key: 'key' } } }] }],
      },
    })
  })

  test('a kind without protobuf is not decoded', () => {
    expect(decodeProtobufObject(body('x.example.com/v1', 'Thing', new Uint8Array()))).toBeUndefined()
  })

  test.for([
    ['no magic', Buffer.from('{"kind":"x"}')],
    ['a length beyond the end', Buffer.from('k8s\0\x0a\xff\x01', 'latin1')],
    ['an endless number', Buffer.from(`k8s\0${'\xff'.repeat(12)}`, 'latin1')],
  ] as const)('%s is a bad request', ([, bytes]) => {
    expect(() => decodeProtobufObject(bytes)).toThrow('not a valid protobuf message')
  })
})
