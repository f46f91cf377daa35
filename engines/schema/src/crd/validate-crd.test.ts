import type { JsonObject } from '@sluice/ports'
import { expect, test } from 'vitest'
import { validateCrd, validateCrdChange } from './validate-crd.ts'

const schema: JsonObject = {
  type: 'object',
  properties: { spec: { type: 'object', properties: { size: { type: 'integer' } } } },
}
const version: JsonObject = { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }
const names: JsonObject = { plural: 'things', singular: 'thing', kind: 'Thing', listKind: 'ThingList' }
const spec: JsonObject = { group: 'example.com', scope: 'Namespaced', names, versions: [version] }

function crd(changes: JsonObject = {}, metadata: JsonObject = {}): JsonObject {
  return { metadata: { name: 'things.example.com', ...metadata }, spec: { ...spec, ...changes } }
}

function withVersion(changes: JsonObject): JsonObject {
  return crd({ versions: [{ ...version, ...changes }] })
}

const approvalAnnotation = { annotations: { 'api-approved.kubernetes.io': 'unapproved, a trial' } }
const k8s = { group: 'example.k8s.io' }
const cases: readonly (readonly [string, JsonObject, readonly string[]])[] = [
  ['a plain CRD', crd(), []],
  [
    'another name',
    crd({}, { name: 'others.example.com' }),
    ['metadata.name: Invalid value: "others.example.com": must be spec.names.plural+"."+spec.group'],
  ],
  [
    'a short group',
    crd({ group: 'example' }, { name: 'things.example' }),
    ['spec.group: Invalid value: "example": should be a domain with at least one dot'],
  ],
  ['no scope', crd({ scope: '' }), ['spec.scope: Required value']],
  [
    'one name for kind and list',
    crd({ names: { ...names, listKind: 'Thing' } }),
    ['spec.names.listKind: Invalid value: "Thing": kind and listKind may not be the same'],
  ],
  [
    'a version without schema',
    withVersion({ schema: {} }),
    ['spec.versions[0].schema.openAPIV3Schema: Required value'],
  ],
  [
    'a column without path',
    withVersion({ additionalPrinterColumns: [{ name: 'Size', type: 'int', jsonPath: 'spec.size' }] }),
    [
      'spec.additionalPrinterColumns[0].type: Invalid value: "int": must be one of boolean,date,integer,number,string',
      'spec.additionalPrinterColumns[0].JSONPath: Invalid value: "spec.size": must be a simple json path starting with .',
    ],
  ],
  [
    'a scale elsewhere',
    withVersion({
      subresources: { scale: { specReplicasPath: '.status.size', statusReplicasPath: '.status.size' } },
    }),
    [
      'spec.subresources.scale.specReplicasPath: Invalid value: ".status.size": should be a json path under .spec',
    ],
  ],
  [
    'selectable objects',
    withVersion({ selectableFields: [{ jsonPath: '.spec' }, { jsonPath: '.spec.size' }] }),
    [
      'spec.selectableFields[0].jsonPath: Invalid value: ".spec": must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.',
    ],
  ],
  [
    'a warning without deprecation',
    withVersion({ deprecationWarning: 'old' }),
    ['spec.versions[0].deprecationWarning: Invalid value: "old": can only be set for deprecated versions'],
  ],
  [
    'a webhook without address',
    crd({
      conversion: { strategy: 'Webhook', webhook: { clientConfig: {}, conversionReviewVersions: ['v2'] } },
    }),
    [
      'spec.conversion.webhookClientConfig: Required value: exactly one of url or service is required',
      'spec.conversion.conversionReviewVersions: Invalid value: ["v2"]: must include at least one of v1, v1beta1',
    ],
  ],
  [
    'a group of the community',
    crd(k8s, { name: 'things.example.k8s.io' }),
    [
      expect.stringContaining(
        'metadata.annotations[api-approved.kubernetes.io]: Required value: protected groups',
      ),
    ],
  ],
  [
    'a group of the community, unapproved',
    crd(k8s, { name: 'things.example.k8s.io', ...approvalAnnotation }),
    [],
  ],
]
test.each(cases)('%s', (_, definition, expected) => {
  expect(validateCrd(definition).map((it) => it.text)).toEqual(expected)
})

test('versions are shown as Go has them, and stored ones stay', () => {
  const definition = {
    ...crd({ versions: [{ ...version, storage: false }] }),
    status: { storedVersions: ['v0'] },
  }
  const shown =
    '[{"Name":"v1","Served":true,"Storage":false,"Deprecated":false,"DeprecationWarning":null,"Schema":null,"Subresources":null,"AdditionalPrinterColumns":null,"SelectableFields":null}]'
  expect(validateCrd(definition).map((it) => it.text)).toEqual([
    `spec.versions: Invalid value: ${shown}: must have exactly one version marked as storage version`,
    'status.storedVersions[0]: Invalid value: "v0": must appear in spec.versions',
  ])
})

test('schemas of several versions are told of by their versions', () => {
  const wrong = { openAPIV3Schema: { ...schema, properties: { spec: {} } } }
  const versions = [version, { ...version, name: 'v2', storage: false, schema: wrong }]
  expect(validateCrd(crd({ versions })).map((it) => it.field)).toEqual([
    'spec.versions[1].schema.openAPIV3Schema.properties[spec].type',
  ])
})

test('names stay', () => {
  const changed = crd({ names: { ...names, plural: 'others', kind: 'Other' } })
  const established = { status: { conditions: [{ type: 'Established', status: 'True' }] } }
  expect(validateCrdChange(changed, crd()).map((it) => it.text)).toEqual([
    'spec.names.plural: Invalid value: "others": field is immutable',
  ])
  expect(validateCrdChange(changed, { ...crd(), ...established }).map((it) => it.field)).toEqual([
    'spec.names.kind',
    'spec.names.plural',
  ])
})
