import { errorChain, type Http } from '@sluice/ports'
import { fakeClock, fakeHttp } from '@sluice/ports/testing'
import { expect, test } from 'vitest'
import { KeysNeededError, readKeyRing, type SopsFormat, sopsSession, unwrapWith } from '../src/index.ts'
import {
  agePair,
  type Encryption,
  encryptObject,
  encryptValue,
  pgpPair,
  splitInTwo,
  wrapForAge,
  wrapForPgp,
} from './encrypt.ts'

const key = Uint8Array.from({ length: 32 }, (_, at) => at * 7)
const { signal } = new AbortController()
const noNetwork: Http = fakeHttp(() => undefined)

async function session(data: Readonly<Record<string, string>>, http = noNetwork) {
  const ring = readKeyRing(new Map(Object.entries(data)), (name) => `cannot import ${name}`)
  return sopsSession(unwrapWith(ring, { http, clock: fakeClock(Date.UTC(2026, 0, 1)) }))
}

/** Does the work, and again with the keys that it needed. */
async function decrypted(
  text: string,
  formats: { readonly input: SopsFormat; readonly output: SopsFormat },
  opened: Awaited<ReturnType<typeof session>>,
): Promise<string> {
  const work = () => new TextDecoder().decode(opened.decrypt(new TextEncoder().encode(text), formats))
  expect(work).toThrow(KeysNeededError)
  await opened.fetchKeys({ signal })
  return work()
}

async function forAge(options: Partial<Encryption> = {}) {
  const pair = await agePair()
  const metadata = { age: [await wrapForAge(key, pair.recipient)], ...options.metadata }
  return {
    pair,
    encryption: { ...options, key, metadata },
    keys: { 'any.agekey': `# mine\n${pair.identity}\n` },
  }
}

const json = { input: 'json', output: 'json' } as const
const plain = { a: 'x', n: 3, f: 1.5, yes: true, none: null, empty: '', list: ['p', { q: 'r' }] }

test.each([
  { name: 'all values', options: {}, object: plain },
  {
    name: 'an encrypted_regex',
    options: {
      metadata: { encrypted_regex: '^(data|stringData)$' },
      isEncrypted: (path: readonly string[]) => path.includes('data'),
    },
    object: { kind: 'Secret', data: { a: 'b' } },
  },
  {
    name: 'an unencrypted_suffix',
    options: {
      metadata: { unencrypted_suffix: '_plain' },
      isEncrypted: (path: readonly string[]) => !path.some((part) => part.endsWith('_plain')),
    },
    object: { a: 'b', c_plain: { d: 'e' } },
  },
  {
    name: 'a checksum over encrypted values alone',
    options: {
      metadata: { encrypted_suffix: '_secret' },
      isEncrypted: (path: readonly string[]) => path.some((part) => part.endsWith('_secret')),
      macOnlyEncrypted: true,
    },
    object: { a: 'b', c_secret: 'd' },
  },
])('decrypts $name', async ({ options, object }) => {
  const { encryption, keys } = await forAge(options)
  const text = JSON.stringify(encryptObject(object, encryption))
  expect(JSON.parse(await decrypted(text, json, await session(keys)))).toEqual(object)
})

test.each([
  { name: 'a value moved', change: (it: Record<string, unknown>) => ({ ...it, a: it['b'], b: it['a'] }) },
  { name: 'a value left out', change: (it: Record<string, unknown>) => ({ ...it, a: undefined }) },
  { name: 'a plain value added', change: (it: Record<string, unknown>) => ({ c_plain: 'evil', ...it }) },
  { name: 'a plain value changed', change: (it: Record<string, unknown>) => ({ ...it, d_plain: 'evil' }) },
  { name: 'an empty value added', change: (it: Record<string, unknown>) => ({ ...it, d_plain: '' }) },
  {
    name: 'no checksum',
    change: (it: Record<string, unknown>) => ({ ...it, sops: { ...(it['sops'] as object), mac: '' } }),
  },
  {
    name: 'a short tag',
    change: (it: Record<string, unknown>) => ({
      ...it,
      a: String(it['a']).replace(/tag:[^,]+/, (tag) => `tag:${tag.slice(4, 10)}==`),
    }),
  },
])('refuses a document with $name', async ({ change }) => {
  const { encryption, keys } = await forAge({
    metadata: { unencrypted_suffix: '_plain' },
    isEncrypted: (path) => !path.some((part) => part.endsWith('_plain')),
  })
  const text = JSON.stringify(change({ ...encryptObject({ a: 'x', b: 'y', d_plain: 'z' }, encryption) }))
  await expect(decrypted(text, json, await session(keys))).rejects.toThrow(/integrity|authentication failed/)
})

test('names each key that did not help, and no secret', async () => {
  const { encryption } = await forAge()
  const stranger = await agePair()
  const text = JSON.stringify(encryptObject({ a: 'topsecret' }, encryption))
  const failing = decrypted(text, json, await session({ 'x.agekey': stranger.identity }))
  const message = await failing.catch(errorChain)
  expect(message).toContain('Group 0: FAILED')
  expect(message).not.toContain(stranger.identity)
})

test('opens with a PGP key, also as one of several in a file', async () => {
  const [own, other] = [await pgpPair(), await pgpPair()]
  const metadata = { pgp: [await wrapForPgp(key, own.publicKey)] }
  const text = JSON.stringify(encryptObject(plain, { key, metadata }))
  const opened = await session({ 'other.asc': other.privateKey, 'own.asc': own.privateKey })
  expect(JSON.parse(await decrypted(text, json, opened))).toEqual(plain)
  await expect(decrypted(text, json, await session({ 'other.asc': other.privateKey }))).rejects.toThrow(
    'cannot get sops data key',
  )
})

test('needs as many key groups as the threshold says', async () => {
  const [left, right] = [await agePair(), await agePair()]
  const [first, second] = splitInTwo(key)
  const metadata = {
    shamir_threshold: 2,
    key_groups: [
      { age: [await wrapForAge(first, left.recipient)] },
      { age: [await wrapForAge(second, right.recipient)] },
    ],
  }
  const text = JSON.stringify(encryptObject(plain, { key, metadata }))
  const both = await session({ 'a.agekey': left.identity, 'b.agekey': right.identity })
  expect(JSON.parse(await decrypted(text, json, both))).toEqual(plain)
  await expect(decrypted(text, json, await session({ 'a.agekey': left.identity }))).rejects.toThrow(
    'cannot get sops data key',
  )
})

test('reads flat formats and binaries', async () => {
  const { encryption, keys } = await forAge()
  const { sops, ...values } = encryptObject({ A: 'one', B: 'two=2' }, encryption) as {
    readonly sops: {
      readonly mac: string
      readonly age: readonly [{ readonly recipient: string; readonly enc: string }]
    }
  }
  const [{ enc, recipient }] = sops.age
  const flat = {
    sops_mac: sops.mac,
    sops_lastmodified: '2026-01-02T03:04:05Z',
    sops_age__list_0__map_recipient: recipient,
    sops_age__list_0__map_enc: enc.replaceAll('\n', '\\n'),
  }
  const dotenv = Object.entries({ ...values, ...flat })
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
  const opened = await decrypted(dotenv, { input: 'dotenv', output: 'dotenv' }, await session(keys))
  expect(opened).toBe('A=one\nB=two=2\n')

  const binary = JSON.stringify(encryptObject({ data: 'any\u00e9 bytes' }, encryption))
  const formats = { input: 'binary', output: 'binary' } as const
  expect(await decrypted(binary, formats, await session(keys))).toBe('any\u00e9 bytes')
})

test('keeps the comments and order of YAML', async () => {
  const { encryption, keys } = await forAge()
  const { sops, ...values } = encryptObject({ b: 'x', a: [1, true] }, encryption) as Record<string, unknown>
  const [one, two] = values['a'] as readonly string[]
  const text = `# kept\nb: ${String(values['b'])}\na:\n    - ${one}\n    - ${two}\nsops: ${JSON.stringify(sops)}\n`
  const opened = await decrypted(text, { input: 'yaml', output: 'yaml' }, await session(keys))
  expect(opened).toBe('# kept\nb: x\na:\n    - 1\n    - true\n')
})

test.each([
  {
    name: 'Vault',
    metadata: {
      hc_vault: [
        { vault_address: 'https://vault.lab', engine_path: 'transit', key_name: 'k', enc: 'vault:v1:x' },
      ],
    },
    data: { 'sops.vault-token': 'token\n' },
    url: 'https://vault.lab/v1/transit/decrypt/k',
    header: ['x-vault-token', 'token'],
    answer: { data: { plaintext: Buffer.from(key).toString('base64') } },
  },
  {
    name: 'AWS',
    metadata: { kms: [{ arn: 'arn:aws:kms:eu-west-1:123456789012:key/abc', enc: 'eA==' }] },
    data: { 'sops.aws-kms': 'aws_access_key_id: AKID\naws_secret_access_key: secret\n' },
    url: 'https://kms.eu-west-1.amazonaws.com/',
    header: ['x-amz-target', 'TrentService.Decrypt'],
    answer: { Plaintext: Buffer.from(key).toString('base64') },
  },
] as const)('asks $name for the data key', async ({ metadata, data, url, header, answer }) => {
  const http = fakeHttp((request) =>
    request.url === url && request.headers?.[header[0]] === header[1]
      ? { status: 200, body: JSON.stringify(answer) }
      : { status: 403, body: 'refused' },
  )
  const text = JSON.stringify(encryptObject({ a: 'b' }, { key, metadata }))
  expect(JSON.parse(await decrypted(text, json, await session(data, http)))).toEqual({ a: 'b' })
})

test('sends no Vault token in the clear', async () => {
  const metadata = {
    hc_vault: [{ vault_address: 'http://vault.lab', engine_path: 'transit', key_name: 'k', enc: 'x' }],
  }
  const http = fakeHttp(() => ({ status: 200, body: '{}' }))
  const text = JSON.stringify(encryptObject({ a: 'b' }, { key, metadata }))
  const opened = await session({ 'sops.vault-token': 'token' }, http)
  await expect(decrypted(text, json, opened)).rejects.toThrow('cannot get sops data key')
  expect(http.requests).toEqual([])
})

test('decrypts an object that was built, whatever its checksum', async () => {
  const { encryption, keys } = await forAge({
    metadata: { encrypted_regex: '^data$' },
    isEncrypted: ([top]) => top === 'data',
  })
  const object = encryptObject({ kind: 'Secret', data: { a: 'b' } }, encryption)
  const labelled = { ...object, metadata: { labels: { added: 'later' } } }
  const opened = await session(keys)
  expect(() => opened.decryptObject(labelled)).toThrow(KeysNeededError)
  await opened.fetchKeys({ signal })
  expect(opened.decryptObject(labelled)).toEqual({
    kind: 'Secret',
    metadata: { labels: { added: 'later' } },
    data: { a: 'b' },
  })
})

test('refuses a value whose type is unknown', async () => {
  const { encryption, keys } = await forAge()
  const object = {
    ...encryptObject({}, encryption),
    a: encryptValue('x', key, 'a:').replace('type:str', 'type:code'),
  }
  await expect(decrypted(JSON.stringify(object), json, await session(keys))).rejects.toThrow(
    'Unknown datatype',
  )
})
