import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ApiServer, createApiServer, memoryStorage } from '../src/index.ts'
import { type Ask, httpsClient } from './https-client.ts'

const collection = '/api/v1/namespaces/default/configmaps'
const remembered = 40

let server: ApiServer
let ask: Ask
let first: string
let token: string
beforeAll(async () => {
  server = await createApiServer({
    adminToken: 'admin',
    storage: memoryStorage({ historyEvents: remembered }),
  })
  const { port } = await server.listen({ port: 0 })
  ask = httpsClient(server, { port, token: 'admin' })
  first = await create('a')
  await create('b')
  await create('c')
  const page = await list('limit=2')
  token = page.metadata.continue ?? ''
})
afterAll(() => server.close())

type List = {
  readonly code?: number
  readonly reason?: string
  readonly message?: string
  readonly items?: readonly { readonly metadata: { readonly name: string } }[]
  readonly metadata: {
    readonly resourceVersion: string
    readonly continue?: string
    readonly remainingItemCount?: number
  }
}

async function create(name: string): Promise<string> {
  const body = JSON.stringify({ metadata: { name, labels: { at: name } } })
  const headers = { 'Content-Type': 'application/json' }
  const { text } = await ask(collection, { method: 'POST', headers, body })
  const { metadata } = JSON.parse(text) as { metadata: { resourceVersion: string } }
  return metadata.resourceVersion
}

async function list(query: string): Promise<List> {
  return JSON.parse((await ask(`${collection}?${query}`)).text) as List
}

const names = ({ items = [] }: List): string[] =>
  items.map(({ metadata }) => metadata.name).filter((it) => it !== 'kube-root-ca.crt')

test('the pages of a list show one moment, whatever is written meanwhile', async () => {
  const page = await list('limit=1')
  await create('aa')
  const rest = await list(`limit=9&continue=${page.metadata.continue}`)
  expect([...names(page), ...names(rest)]).toEqual(['a', 'b', 'c'])
  expect(rest.metadata.resourceVersion).toBe(page.metadata.resourceVersion)
  expect(names(await list(''))).toContain('aa')
  expect(names(await list(`resourceVersion=${first}&resourceVersionMatch=Exact`))).toEqual(['a'])
})

test('a watch begins with what is there, and marks where that ends', async () => {
  const query =
    'watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&timeoutSeconds=1&labelSelector=at'
  const { text } = await ask(`${collection}?${query}`)
  const events = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; object: { metadata: object } })
  expect(events.slice(0, 5).map(({ type }) => type)).toEqual(['ADDED', 'ADDED', 'ADDED', 'ADDED', 'BOOKMARK'])
  expect(events[4]?.object.metadata).toMatchObject({
    annotations: { 'k8s.io/initial-events-end': 'true' },
  })
})

test('what is forgotten cannot be watched or listed, and how to go on is said', async () => {
  for (let made = 0; made <= 2 * remembered; made += 1) await create(`later-${made}`)
  const watch = await ask(`${collection}?watch=1&resourceVersion=${first}&timeoutSeconds=1`)
  expect(JSON.parse(watch.text)).toMatchObject({
    type: 'ERROR',
    object: { kind: 'Status', code: 410, reason: 'Expired' },
  })
  expect(watch.text).toContain(`too old resource version: ${first} (`)
  expect(await list(`resourceVersion=${first}&resourceVersionMatch=Exact`)).toMatchObject({
    code: 410,
    reason: 'Expired',
  })
  const expired = await list(`continue=${token}`)
  expect(expired).toMatchObject({ code: 410, reason: 'Expired' })
  expect(expired.message).toMatch(/^The provided continue parameter is too old/)
  // The token in the refusal goes on with what is there now.
  const rest = await list(`continue=${expired.metadata.continue}`)
  expect(names(rest)).toContain('later-0')
  expect(names(rest)).not.toContain('a')
})

test('who may act for others is seen as them', async () => {
  const as = (headers: Record<string, string>) =>
    ask('/apis/authentication.k8s.io/v1/selfsubjectreviews', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      body: '{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}',
    })
  const review = await as({
    'Impersonate-User': 'ann',
    'Impersonate-Group': 'devs',
    'Impersonate-Extra-Scopes': 'view',
  })
  expect(JSON.parse(review.text)).toMatchObject({
    status: {
      userInfo: { username: 'ann', groups: ['devs', 'system:authenticated'], extra: { scopes: ['view'] } },
    },
  })
  const refused = await ask(collection, { headers: { 'Impersonate-User': 'ann' } })
  expect(refused.status).toBe(403)
  expect(refused.text).toContain(
    String.raw`configmaps is forbidden: User \"ann\" cannot list resource \"configmaps\" in API group \"\" in the namespace \"default\"`,
  )
  expect((await as({ 'Impersonate-Group': 'devs' })).status).toBeGreaterThanOrEqual(400)
})
