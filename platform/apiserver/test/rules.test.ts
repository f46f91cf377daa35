import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ApiServer, createApiServer, type User } from '../src/index.ts'
import { type Client, inProcessClient } from './in-process-client.ts'

const rbac = '/apis/rbac.authorization.k8s.io/v1'
const configMaps = '/api/v1/namespaces/default/configmaps'
const deployments = '/apis/apps/v1/namespaces/default/deployments'

let server: ApiServer
let admin: Client
beforeAll(async () => {
  server = await createApiServer()
  admin = inProcessClient(server)
})
afterAll(() => server.close())

const pods = (...verbs: string[]): object => ({ apiGroups: [''], resources: ['pods'], verbs })

describe('who grants rights', () => {
  const alice: User = { name: 'alice', groups: ['team', 'system:authenticated'] }
  const apiVersion = 'rbac.authorization.k8s.io/v1'
  const role = (name: string, rules: object[]) => ({
    apiVersion,
    kind: 'ClusterRole',
    metadata: { name },
    rules,
  })
  const binding = (name: string, of: string, kind = 'ClusterRole') => ({
    apiVersion,
    kind: 'RoleBinding',
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name: of },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'bob' }],
  })
  const bindings = `${rbac}/namespaces/default/rolebindings`
  let asAlice: Client

  beforeAll(async () => {
    asAlice = inProcessClient(server, alice)
    const all = {
      apiGroups: ['rbac.authorization.k8s.io'],
      resources: ['*'],
      verbs: ['create', 'update', 'patch'],
    }
    const bind = {
      apiGroups: ['rbac.authorization.k8s.io'],
      resources: ['clusterroles'],
      resourceNames: ['deleter'],
      verbs: ['bind'],
    }
    await admin('POST', `${rbac}/clusterroles`, { body: role('granter', [all, bind, pods('get', 'list')]) })
    await admin('POST', `${rbac}/clusterroles`, { body: role('deleter', [pods('delete')]) })
    await admin('POST', `${rbac}/clusterroles`, { body: role('reader', [pods('get')]) })
    const grant = { ...binding('granter', 'granter'), kind: 'ClusterRoleBinding' }
    const body = { ...grant, subjects: [{ ...grant.subjects[0], name: 'alice' }] }
    await admin('POST', `${rbac}/clusterrolebindings`, { body })
  })

  test('grants what he has', async () => {
    expect((await asAlice('POST', `${rbac}/clusterroles`, { body: role('own', [pods('list')]) })).code).toBe(
      201,
    )
    expect((await asAlice('POST', bindings, { body: binding('reads', 'reader') })).code).toBe(201)
  })

  test('does not grant more', async () => {
    const rules = [
      pods('get', 'delete', 'watch'),
      { apiGroups: ['apps'], resources: ['deployments'], resourceNames: ['web'], verbs: ['get'] },
      { nonResourceURLs: ['/metrics'], verbs: ['get'] },
    ]
    expect((await asAlice('POST', `${rbac}/clusterroles`, { body: role('more', rules) })).message).toBe(
      `clusterroles.rbac.authorization.k8s.io "more" is forbidden: user "alice" (groups=["team" "system:authenticated"]) is attempting to grant RBAC permissions not currently held:
{APIGroups:[""], Resources:["pods"], Verbs:["delete" "watch"]}
{APIGroups:["apps"], Resources:["deployments"], ResourceNames:["web"], Verbs:["get"]}
{NonResourceURLs:["/metrics"], Verbs:["get"]}`,
    )
    expect((await asAlice('POST', bindings, { body: binding('admins', 'cluster-admin') })).code).toBe(403)
  })

  test('does not name what others aggregate', async () => {
    const body = {
      ...role('sum', []),
      aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }] },
    }
    expect((await asAlice('POST', `${rbac}/clusterroles`, { body })).code).toBe(403)
  })

  test('binds what he may bind, and nothing that is not there', async () => {
    expect((await asAlice('POST', bindings, { body: binding('deletes', 'deleter') })).code).toBe(201)
    const missing = await asAlice('POST', bindings, { body: binding('none', 'none', 'Role') })
    expect(missing.message).toBe('roles.rbac.authorization.k8s.io "none" not found')
  })
})

const thing = (name: string, spec: string): string =>
  `{"apiVersion":"example.com/v1","kind":"Thing","metadata":{"name":"${name}"},"spec":${spec}}`

describe('whole numbers written as fractions', () => {
  const schema = {
    type: 'object',
    properties: {
      spec: {
        type: 'object',
        properties: { size: { type: 'integer' }, part: { type: 'number' } },
        'x-kubernetes-validations': [{ rule: '!has(self.size) || self.size < 10', message: 'small' }],
      },
    },
  }
  const things = '/apis/example.com/v1/namespaces/default/things'

  beforeAll(async () => {
    await admin('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
      body: {
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
        metadata: { name: 'things.example.com' },
        spec: {
          group: 'example.com',
          scope: 'Namespaced',
          names: { plural: 'things', singular: 'thing', kind: 'Thing', listKind: 'ThingList' },
          versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }],
        },
      },
    })
    while ((await admin('GET', things)).code !== 200) await new Promise(setImmediate)
  })

  const complaint =
    'Thing.example.com "a" is invalid: spec: Invalid value: "object": invalid data, expected int, got float64 evaluating rule: small'

  test.for([
    ['{"size":1.0}', complaint],
    ['{"size":1e0}', complaint],
    ['{"size":1,"part":1.0}', ''],
    ['{"size":1,"note":"1.0"}', ''],
  ] as const)('are no integers for rules: %s', async ([spec, want]) => {
    const { message } = await admin('POST', things, { body: thing('a', spec), query: { dryRun: 'All' } })
    expect(message).toBe(want)
  })

  test('come in by patches too, and are integers once they are stored', async () => {
    expect((await admin('POST', things, { body: thing('a', '{"size":1}') })).code).toBe(201)
    const add = '[{"op":"replace","path":"/spec/size","value":2.0}]'
    const patch = (body: string, contentType: string) => admin('PATCH', `${things}/a`, { body, contentType })
    expect((await patch(add, 'application/json-patch+json')).message).toBe(complaint)
    expect((await patch('{"spec":{"size":2.0}}', 'application/merge-patch+json')).message).toBe(complaint)
    expect((await patch('{"spec":{"part":2.0}}', 'application/merge-patch+json')).code).toBe(200)
  })

  test('cannot be read into integers of built-in kinds', async () => {
    const body = `{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"w"},"spec":{"replicas":1.0}}`
    expect((await admin('POST', deployments, { body })).message).toBe(
      'Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal number 1.0 into Go struct field DeploymentSpec.spec.replicas of type int32',
    )
  })
})

test.for([
  [
    'application/strategic-merge-patch+json',
    ' "" is invalid: patch: Invalid value: "map[spec:map[replicas:two]]": unrecognized type: int32',
  ],
  [
    'application/merge-patch+json',
    /^ "" is invalid: patch: Invalid value: "\{.*\}": json: cannot unmarshal string into Go struct field DeploymentSpec\.spec\.replicas of type int32$/,
  ],
] as const)('a %s that gives another type shows what it made', async ([contentType, want]) => {
  const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'x' }] } }
  const spec = { selector: { matchLabels: { a: 'b' } }, template }
  const metadata = { name: 'patched' }
  await admin('POST', deployments, { body: { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec } })
  const { code, message } = await admin('PATCH', `${deployments}/patched`, {
    contentType,
    body: { spec: { replicas: 'two' } },
  })
  expect(code).toBe(422)
  expect(message).toMatch(want)
})

const policies = '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies'
const policy = (name: string, expression: string, more: object = {}) => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingAdmissionPolicy',
  metadata: { name },
  spec: {
    matchConstraints: {
      resourceRules: [
        {
          apiGroups: ['', 'apps'],
          apiVersions: ['v1'],
          operations: ['CREATE'],
          resources: ['configmaps', 'deployments'],
        },
      ],
    },
    validations: [{ expression }],
    ...more,
  },
})

describe('an admission policy', () => {
  test.for([
    ['variables.none > 1', "undefined field 'none'"],
    ['request.userInfo.nope == ""', "undefined field 'nope'"],
    ['namespaceObject.metadata.labels == 1', "found no matching overload for '_==_'"],
    ['params.x', "undeclared reference to 'params'"],
  ] as const)('%s is refused', async ([expression, why]) => {
    const { message } = await admin('POST', policies, {
      body: policy('p', expression),
      query: { dryRun: 'All' },
    })
    expect(message).toContain(why)
  })

  test('is warned of fields that its kinds do not have', async () => {
    const expression = 'object.spec.replicas > variables.least && object.data.size() > 0'
    const variables = [{ name: 'least', expression: '1' }]
    expect((await admin('POST', policies, { body: policy('typed', expression, { variables }) })).code).toBe(
      201,
    )
    type Status = { typeChecking?: { expressionWarnings: { fieldRef: string; warning: string }[] } }
    let status: Status | undefined
    while (!status?.typeChecking) {
      await new Promise(setImmediate)
      const { body } = await admin('GET', `${policies}/typed`)
      status = body['status']
    }
    const [warning, ...others] = status.typeChecking.expressionWarnings
    expect(others).toEqual([])
    expect(warning?.fieldRef).toBe('spec.validations[0].expression')
    expect(warning?.warning).toMatch(
      /^\/v1, Kind=ConfigMap: ERROR: <input>:1:7: undefined field 'spec'[^]*\n\napps\/v1, Kind=Deployment: ERROR: <input>:1:\d+: undefined field 'data'/,
    )
  })
})

describe('unknown fields', () => {
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'u' }, dato: {} }
  test('are refused where that is wanted', async () => {
    const { code, message } = await admin('POST', configMaps, { body, query: { fieldValidation: 'Strict' } })
    expect([code, message]).toEqual([
      400,
      'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "dato"',
    ])
  })
  test('are dropped elsewhere, and nothing is kept of a dry run', async () => {
    const { code, body: made } = await admin('POST', configMaps, { body, query: { dryRun: 'All' } })
    expect([code, made['dato']]).toEqual([201, undefined])
    expect((await admin('GET', `${configMaps}/u`)).code).toBe(404)
  })
})

test('a pod that its budget needs is not evicted', async () => {
  const podPath = '/api/v1/namespaces/default/pods'
  const budgets = '/apis/policy/v1/namespaces/default/poddisruptionbudgets'
  const spec = { containers: [{ name: 'c', image: 'x' }] }
  const metadata = { name: 'guarded', labels: { app: 'guarded' } }
  await admin('POST', podPath, { body: { apiVersion: 'v1', kind: 'Pod', metadata, spec } })
  await admin('PATCH', `${podPath}/guarded/status`, {
    contentType: 'application/merge-patch+json',
    body: { status: { phase: 'Running' } },
  })
  const selector = { matchLabels: { app: 'guarded' } }
  const budget = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'all' } }
  await admin('POST', budgets, { body: { ...budget, spec: { minAvailable: 1, selector } } })
  const allow = (disruptionsAllowed: number) =>
    admin('PATCH', `${budgets}/all/status`, {
      contentType: 'application/merge-patch+json',
      body: { status: { disruptionsAllowed, currentHealthy: 1, desiredHealthy: 1, expectedPods: 1 } },
    })
  const evict = () =>
    admin('POST', `${podPath}/guarded/eviction`, {
      body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'guarded' } },
    })
  await allow(0)
  expect(await evict()).toMatchObject({
    code: 429,
    message: "Cannot evict pod as it would violate the pod's disruption budget.",
  })
  await allow(1)
  expect((await evict()).code).toBe(201)
})
