import { expect, test } from 'vitest'
import { postRenderFiles } from './post-render.ts'

const transform = <T>(objects: readonly T[]): readonly T[] => objects

test('what passes a post-renderer is YAML 1.2: texts stay texts, and are quoted for who reads YAML 1.1', () => {
  const text =
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {n: , on: yes, off: "1", b: true}\n'
  expect(
    postRenderFiles(new Map([['a.yaml', text]]), { strategy: 'combined', transform }).get('a.yaml'),
  ).toBe(
    'apiVersion: v1\ndata:\n  b: true\n  "n": ""\n  "off": "1"\n  "on": "yes"\nkind: ConfigMap\nmetadata:\n  name: a\n',
  )
})
