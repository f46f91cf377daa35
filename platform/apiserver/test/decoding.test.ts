import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ApiServer, createApiServer, inProcessTransport } from '../src/index.ts'
import { type Client, inProcessClient } from './in-process-client.ts'

let server: ApiServer
let ask: Client
beforeAll(async () => {
  server = await createApiServer()
  ask = inProcessClient(server)
  const body = '{"metadata":{"name":"x"},"data":{"a":"1"}}'
  await ask('POST', collection, { body })
  await ask('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', { body: definition })
})
afterAll(() => server.close())

const collection = '/api/v1/namespaces/default/configmaps'
const definition = {
  metadata: { name: 'things.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'things', kind: 'Thing' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: { spec: { type: 'object', properties: { a: { type: 'string' } } } },
          },
        },
      },
    ],
  },
}

const strict = { fieldValidation: 'Strict' }

test.for<[method: 'POST' | 'PATCH', contentType: string, body: string, problem: string]>([
  [
    'POST',
    'application/json',
    '{"metadata":{"name":"y"},"foo":1,"foo":{"a":1,"a":2},"data":{"a":"1","b":"\\"a\\":","a":"2"},"bar":2}',
    'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "foo", duplicate field "data.a", unknown field "bar"',
  ],
  [
    'PATCH',
    'application/merge-patch+json',
    '{"foo":1,"foo":2,"data":{"a":"1","a":"2","a":"3"}}',
    'strict decoding error: duplicate field "foo", duplicate field "data.a", unknown field "foo"',
  ],
  [
    'PATCH',
    'application/json-patch+json',
    '[{"op":"add","path":"/data/z","value":"1"},{"op":"add","path":"/data/x","path":"/data/y","value":"1"}]',
    'strict decoding error: json patch duplicate field "[1].path"',
  ],
  [
    'PATCH',
    'application/apply-patch+yaml',
    '{"apiVersion":"v1","kind":"ConfigMap",\n"data":{"b":"1",\n"b":"2"}}',
    'error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n  line 3: key "b" already set in map',
  ],
])('fields named twice by a %s of %s', async ([method, contentType, body, problem]) => {
  const path = method === 'POST' ? collection : `${collection}/x`
  const query = { ...strict, ...(method === 'PATCH' ? { fieldManager: 'test' } : {}) }
  const { message } = await ask(method, path, { query, contentType, body })
  expect(message.slice(-problem.length)).toBe(problem)
})

test('fields named twice in a custom resource', async () => {
  const path = '/apis/example.com/v1/namespaces/default/things'
  const body =
    '{"apiVersion":"example.com/v1","kind":"Thing","metadata":{"name":"t"},"spec":{"b":1,"b":2,"a":"1","a":"2"}}'
  const { message } = await ask('POST', path, { query: strict, body })
  expect(message).toBe(
    'Thing in version "v1" cannot be handled as a Thing: strict decoding error: duplicate field "spec.b", duplicate field "spec.a", unknown field "spec.b"',
  )
})

test('without being asked, the server only warns, and takes the last value', async () => {
  const { warnings, body } = await inProcessTransport(server).request(
    { method: 'POST', path: collection, body: '{"metadata":{"name":"z"},"data":{"a":"1","a":"2"},"foo":1}' },
    { signal: new AbortController().signal },
  )
  expect(warnings).toEqual(['duplicate field "data.a"', 'unknown field "foo"'])
  expect(body).toMatchObject({ data: { a: '2' } })
})

test.for<[contentType: string, body: string, problem: string]>([
  ['json-patch', '{"a":1}', 'json: cannot unmarshal object into Go value of type jsonpatch.Patch'],
  [
    'merge-patch',
    '[1]',
    'error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}',
  ],
  ['merge-patch', 'null', ''],
  ['merge-patch', '', ''],
  [
    'strategic-merge-patch',
    '"a"',
    'json: cannot unmarshal string into Go value of type map[string]interface {}',
  ],
  ['strategic-merge-patch', '{', 'error decoding patch: unexpected end of JSON input'],
])('a %s of another form: %s', async ([contentType, body, problem]) => {
  const answer = await ask('PATCH', `${collection}/x`, {
    contentType: `application/${contentType}+json`,
    body,
  })
  expect(answer).toMatchObject({ code: problem === '' ? 200 : 400, message: problem })
})
