// CEL and schemas: expressions a second, compiling, objects validated a second, and a CRD as large as Prometheus'.
import {
  compile,
  dynType,
  type Environment,
  fromJson,
  kubernetesEnvironment,
  type Program,
} from '@sluice/cel'
import type { JsonObject } from '@sluice/ports'
import {
  applyDefaults,
  builtinSchema,
  prune,
  type StructuralSchema,
  structuralSchema,
  validate,
  validateCrdSchema,
  validateResource,
} from '@sluice/schema'
import { type Benchmark, percentiles, type Report } from '../benchmark.ts'

const secondsEach = 0.5
const rules: readonly (readonly [string, string, number | undefined])[] = [
  ['equality of fields', 'self.spec.a == self.spec.b', 500_000],
  ['comparison', 'self.spec.min <= self.spec.replicas && self.spec.replicas <= self.spec.max', undefined],
  ['has()', '!has(self.spec.limit) || self.spec.limit > 0', undefined],
  ['enum', "self.spec.policy in ['Always', 'IfNotPresent', 'Never']", undefined],
  ['prefix', "self.spec.image.startsWith('registry.example.com/')", undefined],
  ['pattern', "self.metadata.name.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')", undefined],
  ['condition', "status.conditions.filter(e, e.type == 'Ready').all(e, e.status == 'True')", 50_000],
  ['keys of a map', "self.metadata.labels.all(k, k.startsWith('app'))", undefined],
  ['quantity', "quantity(self.spec.memory).isGreaterThan(quantity('64Mi'))", undefined],
  ['unique names', 'self.spec.ports.all(p, self.spec.ports.exists_one(q, q.name == p.name))', undefined],
]

const objects = 1_000
const freshSchemas = 9

export const benchmark: Benchmark = async (report) => {
  measureExpressions(report)
  measureDeployments(report)
  measureLargeCrd(report)
  await Promise.resolve()
}

function measureExpressions(report: Report): void {
  const environment = kubernetesEnvironment().extend({
    variables: new Map([
      ['self', dynType],
      ['status', dynType],
    ]),
  })
  for (const [name, text, atLeast] of rules) {
    const program = compile(environment, text)
    const speed = evaluationsPerSecond(program)
    const unit = 'expressions/s'
    if (atLeast === undefined) report.figure(name, speed, unit)
    else report.goal(name, speed, { unit, atLeast })
  }
  report.figure('compiling one of these rules', compileMicroseconds(environment), 'us')
  const hostile = compile(environment, `'${'a'.repeat(10_000)}!'.matches('^(a+)+$')`)
  const time = milliseconds(() => hostile.evaluate(() => undefined, { costLimit: Number.MAX_SAFE_INTEGER }))
  report.goal('(a+)+$ on 10,000 characters', time, { unit: 'ms', atMost: 50 })
}

function evaluationsPerSecond(program: Program): number {
  const object = sample(1)
  const self = fromJson(object)
  const status = fromJson(object['status'])
  const variables = (name: string): typeof self | undefined =>
    name === 'self' ? self : name === 'status' ? status : undefined
  return perSecond(() => {
    program.evaluate(variables)
  })
}

function compileMicroseconds(environment: Environment): number {
  const perRound = perSecond(() => {
    for (const [, text] of rules) compile(environment, text)
  })
  return 1e6 / perRound / rules.length
}

function measureDeployments(report: Report): void {
  const schema = builtinSchema({ group: 'apps', version: 'v1', kind: 'Deployment' })
  if (!schema) return
  const list = Array.from({ length: objects }, (_, index) => deployment(index))
  const time = milliseconds(() => {
    for (const object of list) validateAll(object, schema)
  })
  report.figure('1,000 Deployments defaulted, pruned and validated, cold', time, 'ms')
  const warm = milliseconds(() => {
    for (const object of list) validateAll(object, schema)
  })
  report.figure('1,000 Deployments defaulted, pruned and validated, warm', warm, 'ms')
}

function validateAll(object: JsonObject, schema: StructuralSchema): void {
  const { value } = prune(applyDefaults(object, schema), schema, { isResource: true })
  if (validate(value, schema).length > 0) throw new RangeError('the object should be valid')
}

/** A CRD with the pod specs of Kubernetes written out, as operators' CRDs have them. */
function measureLargeCrd(report: Report): void {
  const text = JSON.stringify(schemaWith(3))
  report.figure('size of the large CRD', text.length / 1024, 'kB')
  const source = JSON.parse(text) as JsonObject
  let schema: StructuralSchema | undefined
  // Another CRD first: what matters is the schema, not how long a new process takes to load code.
  const cold = milliseconds(() => validateCustom(sample(0), structuralSchema(schemaWith(0))))
  report.figure('first CRD of a process, until its first object is validated', cold, 'ms')
  const firsts = Array.from({ length: freshSchemas }, () => {
    const fresh = JSON.parse(text) as JsonObject
    return milliseconds(() => {
      schema = structuralSchema(fresh)
      validateCustom(sample(0), schema)
    })
  })
  const name = 'large CRD, until its first object is validated'
  report.goal(name, percentiles(firsts).p50, { unit: 'ms', atMost: 20 })
  const list = Array.from({ length: objects }, (_, index) => sample(index))
  const all = milliseconds(() => {
    for (const object of list) if (schema) validateCustom(object, schema)
  })
  report.figure('1,000 objects of the large CRD, rules among the rest', all, 'ms')
  report.figure(
    'checking the large CRD itself',
    milliseconds(() => checkCrd(source)),
    'ms',
  )
}

function checkCrd(source: JsonObject): void {
  const [problem] = validateCrdSchema(source, 'spec.validation.openAPIV3Schema')
  if (problem) throw new RangeError(problem.text)
}

function validateCustom(object: JsonObject, schema: StructuralSchema): void {
  const { value } = prune(applyDefaults(object, schema), schema, { isResource: true })
  const [problem] = validateResource(value, schema).errors
  if (problem) throw new RangeError(problem.text)
}

function schemaWith(podSpecs: number): JsonObject {
  const pod = builtinSchema({ group: '', version: 'v1', kind: 'Pod' })?.properties.get('spec')
  const text: JsonObject = { type: 'string', maxLength: 200 }
  const number: JsonObject = { type: 'integer' }
  const condition = { type: 'object', properties: { type: text, status: text, message: text } }
  return {
    type: 'object',
    required: ['spec'],
    properties: {
      spec: {
        type: 'object',
        'x-kubernetes-validations': [
          { rule: 'self.min <= self.replicas && self.replicas <= self.max' },
          { rule: "self.image.startsWith('registry.example.com/')", message: 'must be ours' },
        ],
        properties: {
          ...Object.fromEntries(['a', 'b', 'policy', 'image', 'memory'].map((name) => [name, text])),
          ...Object.fromEntries(['min', 'max'].map((name) => [name, number])),
          replicas: { type: 'integer', default: 1, minimum: 0 },
          ports: {
            type: 'array',
            maxItems: 20,
            items: { type: 'object', properties: { name: text, port: number } },
            'x-kubernetes-list-type': 'atomic',
          },
          ...Object.fromEntries(
            Array.from({ length: pod ? podSpecs : 0 }, (_, index) => [
              `pod${index}`,
              pod && writtenOut(pod, 0),
            ]),
          ),
        },
      },
      status: {
        type: 'object',
        properties: { conditions: { type: 'array', items: condition } },
      },
    },
  }
}

const maxDepth = 20

/** A schema without references: what a built-in definition refers to is copied in. */
function writtenOut(schema: StructuralSchema, depth: number): JsonObject {
  const description = 'What the field means, in as many words as descriptions of fields usually have.'
  if (schema.intOrString) return { 'x-kubernetes-int-or-string': true, description }
  const { type, items, values, properties } = schema
  if (type === '' || depth > maxDepth) return { 'x-kubernetes-preserve-unknown-fields': true, description }
  return {
    type,
    description,
    ...(items && { items: writtenOut(items, depth + 1) }),
    ...(values && { additionalProperties: writtenOut(values, depth + 1) }),
    ...(properties.size > 0 && {
      properties: Object.fromEntries(
        [...properties].map(([name, property]) => [name, writtenOut(property, depth + 1)]),
      ),
    }),
  }
}

function sample(index: number): JsonObject {
  return {
    apiVersion: 'example.com/v1',
    kind: 'Sample',
    metadata: {
      name: `sample-${index}`,
      generation: 3,
      labels: { app: 'sample', 'app.kubernetes.io/name': 'sample', 'app.kubernetes.io/part-of': 'all' },
    },
    spec: {
      a: 'same',
      b: 'same',
      min: 1,
      max: 10,
      replicas: 3,
      policy: 'IfNotPresent',
      image: 'registry.example.com/team/sample:1.2.3',
      memory: '128Mi',
      ports: ['http', 'https', 'metrics', 'probe'].map((name, port) => ({ name, port: 8080 + port })),
    },
    status: {
      conditions: ['Reconciling', 'Stalled', 'Healthy', 'Ready'].map((type) => ({
        type,
        status: type === 'Ready' ? 'True' : 'False',
        message: 'as it should be',
      })),
    },
  }
}

function deployment(index: number): JsonObject {
  const labels = { app: `app-${index}` }
  const container = {
    name: 'main',
    image: 'registry.example.com/app:1',
    env: Array.from({ length: 10 }, (_, at) => ({ name: `NAME_${at}`, value: `${at}` })),
    ports: [{ name: 'http', containerPort: 8080 }],
    resources: { limits: { cpu: '1', memory: '256Mi' }, requests: { cpu: '100m', memory: '128Mi' } },
    livenessProbe: { httpGet: { path: '/healthz', port: 'http' } },
  }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: `app-${index}`, namespace: 'default', labels },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [container, { ...container, name: 'side' }] } },
    },
  }
}

function perSecond(run: () => void): number {
  for (let warmup = 0; warmup < 2_000; warmup++) run()
  const start = performance.now()
  let count = 0
  let elapsed = 0
  while (elapsed < secondsEach * 1e3) {
    for (let round = 0; round < 200; round++) run()
    count += 200
    elapsed = performance.now() - start
  }
  return (count / elapsed) * 1e3
}

function milliseconds(run: () => void): number {
  const start = performance.now()
  run()
  return performance.now() - start
}
