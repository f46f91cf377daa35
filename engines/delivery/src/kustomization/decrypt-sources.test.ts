import { memoryFileTree, ToolkitError } from '@sluice/ports'
import { expect, test } from 'vitest'
import { decryptSources } from './decrypt-sources.ts'

const encoder = new TextEncoder()

class NoDataKeyError extends ToolkitError {
  override readonly name = 'NoDataKeyError'

  constructor() {
    super('SOPS_NO_DATA_KEY', 'no key')
  }
}

function walk(files: Readonly<Record<string, string>>, verify = (_text: string) => {}) {
  const verified: string[] = []
  const plain = decryptSources(memoryFileTree(new Map(Object.entries(files))), 'app', {
    decrypt: (data, { output }) => encoder.encode(`${output} of ${data.length}`),
    verify: (data) => {
      const text = new TextDecoder().decode(data)
      verified.push(text)
      verify(text)
    },
    decryptObject: (object) => object,
  })
  return {
    verified,
    plain: Object.fromEntries([...plain].map(([path, data]) => [path, new TextDecoder().decode(data)])),
  }
}

test('decrypts what generators and patches read, in the format of its key', () => {
  const { plain } = walk({
    'app/kustomization.yaml':
      'secretGenerator:\n- {name: s, files: [raw.bin, x.json=y], envs: [v]}\npatches: [{path: p.yaml}]\nresources: [../base]\n',
    'app/raw.bin': '"mac": "ENC[',
    'app/y': '"mac": "ENC[',
    'app/v': 'sops_mac=ENC[',
    'app/p.yaml': 'mac: ENC[',
    'base/kustomization.yaml': 'secretGenerator: [{name: t, files: [plain.txt, z.env]}]\n',
    'base/plain.txt': 'plain',
    'base/z.env': 'sops_mac=ENC[',
  })
  expect(plain).toEqual({
    'app/raw.bin': 'binary of 12',
    'app/y': 'json of 12',
    'app/v': 'dotenv of 13',
    'app/p.yaml': 'yaml of 9',
    'base/z.env': 'dotenv of 13',
  })
})

test.each([
  { name: 'as usual', text: 'kind: Secret\nsops:\n    mac: ENC[x]\n', isVerified: true },
  { name: 'in another style', text: '{"sops": {"mac": "x"}, "kind": "Secret"}', isVerified: true },
  { name: 'with escapes', text: '"s\\u006fps": {mac: x}\n', isVerified: true },
  { name: 'in a later document', text: 'a: b\n---\nsops: {mac: x}\n', isVerified: true },
  { name: 'not at all', text: 'data: {sops: x}\n', isVerified: false },
])('verifies a manifest that is encrypted $name: $isVerified', ({ text, isVerified }) => {
  const { verified } = walk({ 'app/kustomization.yaml': 'resources: [a.yaml]\n', 'app/a.yaml': text })
  expect(verified).toEqual(isVerified ? [text] : [])
})

test('leaves a missing key to the object, and nothing else', () => {
  const files = { 'app/kustomization.yaml': 'resources: [a.yaml]\n', 'app/a.yaml': 'sops: {mac: x}\n' }
  const failing = (error: Error) => () =>
    walk(files, () => {
      throw error
    })
  expect(failing(new NoDataKeyError())).not.toThrow()
  expect(failing(new TypeError('tampered'))).toThrow('tampered')
})
