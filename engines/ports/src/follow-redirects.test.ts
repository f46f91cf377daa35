import { expect, test } from 'vitest'
import { requestFollowing } from './follow-redirects.ts'
import { readBody } from './http.ts'
import { fakeHttp } from './testing/fake-http.ts'

const { signal } = new AbortController()
const request = {
  method: 'GET',
  url: 'https://a.test/x',
  headers: { Authorization: 'Basic c2VjcmV0', accept: '*/*' },
  tls: { ca: 'CA', certificate: 'C', key: 'K' },
  maxBodyBytes: 100,
  timeoutMs: 100,
} as const

const redirecting = (targets: Readonly<Record<string, string>>): ReturnType<typeof fakeHttp> =>
  fakeHttp(({ url }) => {
    const location = targets[url]
    return location === undefined ? { status: 200, body: url } : { status: 302, headers: { location } }
  })

test('the same origin keeps credentials', async () => {
  const http = redirecting({ 'https://a.test/x': '/y' })
  const { response, url } = await requestFollowing(http, request, { signal })
  expect(url).toBe('https://a.test/y')
  expect(new TextDecoder().decode(await readBody(response.body))).toBe(url)
  expect(http.requests[1]).toEqual({ ...request, url })
})

test('another origin gets neither credentials nor the client certificate', async () => {
  const http = redirecting({ 'https://a.test/x': 'https://me:pw@b.test/y' })
  await requestFollowing(http, request, { signal })
  expect(http.requests[1]).toMatchObject({
    url: 'https://b.test/y',
    headers: { accept: '*/*' },
    tls: { ca: 'CA' },
  })
  expect(http.requests[1]?.headers).not.toHaveProperty('Authorization')
})

test.for([
  ['a loop', '/x', 'stopped after 10 redirects'],
  ['a plain address', 'http://a.test/x', 'plain address refused'],
  ['a file', 'file:///etc/passwd', 'unsupported protocol scheme "file"'],
  ['nonsense', 'https://', 'failed to parse Location header'],
] as const)('%s is refused', async ([, location, message]) => {
  const http = redirecting({ 'https://a.test/x': location })
  await expect(requestFollowing(http, request, { signal })).rejects.toThrow(message)
})
