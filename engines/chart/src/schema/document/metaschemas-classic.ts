import type { Json } from './metaschemas.ts'

type Properties = Readonly<Record<string, Json>>

const schema = { $ref: '#' }
const text = { type: 'string' }
const flag = { type: 'boolean' }
const number = { type: 'number' }
const regex = { type: 'string', format: 'regex' }
const uri = { type: 'string', format: 'uri' }
const uriReference = { type: 'string', format: 'uri-reference' }
const schemaMap = { type: 'object', additionalProperties: schema }
const ref = (name: string): Json => ({ $ref: `#/definitions/${name}` })
const either = (...options: readonly Json[]): Json => ({ anyOf: options })

/** The metaschemas of drafts 4, 6 and 7 by their paths below json-schema.org, without what only describes. */
export function classicMetaschemas(): readonly (readonly [string, Json])[] {
  return [
    ['draft-04/schema', draft4()],
    ['draft-06/schema', metaschema('draft-06', draft6Properties())],
    ['draft-07/schema', metaschema('draft-07', draft7Properties())],
  ]
}

function definitions(integer: string, stringArray: Properties): Properties {
  return {
    schemaArray: { type: 'array', minItems: 1, items: schema },
    [integer]: { type: 'integer', minimum: 0 },
    [`${integer}Default0`]: { allOf: [ref(integer), { default: 0 }] },
    simpleTypes: { enum: ['array', 'boolean', 'integer', 'null', 'number', 'object', 'string'] },
    stringArray: { type: 'array', items: text, uniqueItems: true, ...stringArray },
  }
}

/** Keywords whose values the three drafts describe alike. */
function commonProperties(integer: string): Properties {
  return {
    $schema: uri,
    title: text,
    description: text,
    default: true,
    maximum: number,
    minimum: number,
    maxLength: ref(integer),
    minLength: ref(`${integer}Default0`),
    pattern: regex,
    items: either(schema, ref('schemaArray')),
    maxItems: ref(integer),
    minItems: ref(`${integer}Default0`),
    uniqueItems: flag,
    maxProperties: ref(integer),
    minProperties: ref(`${integer}Default0`),
    required: ref('stringArray'),
    definitions: schemaMap,
    properties: schemaMap,
    patternProperties: schemaMap,
    dependencies: { type: 'object', additionalProperties: either(schema, ref('stringArray')) },
    enum: { type: 'array', minItems: 1, uniqueItems: true },
    type: either(ref('simpleTypes'), {
      type: 'array',
      items: ref('simpleTypes'),
      minItems: 1,
      uniqueItems: true,
    }),
    format: text,
    allOf: ref('schemaArray'),
    anyOf: ref('schemaArray'),
    oneOf: ref('schemaArray'),
    not: schema,
  }
}

function draft4(): Json {
  return {
    $schema: 'http://json-schema.org/draft-04/schema#',
    definitions: definitions('positiveInteger', { minItems: 1 }),
    type: 'object',
    properties: {
      ...commonProperties('positiveInteger'),
      id: text,
      multipleOf: { type: 'number', minimum: 0, exclusiveMinimum: true },
      exclusiveMaximum: flag,
      exclusiveMinimum: flag,
      additionalItems: either(flag, schema),
      additionalProperties: either(flag, schema),
      $ref: text,
    },
    dependencies: { exclusiveMaximum: ['maximum'], exclusiveMinimum: ['minimum'] },
  }
}

function metaschema(draft: string, properties: Properties): Json {
  return {
    $schema: `http://json-schema.org/${draft}/schema#`,
    $id: `http://json-schema.org/${draft}/schema#`,
    definitions: definitions('nonNegativeInteger', {}),
    type: ['object', 'boolean'],
    properties,
  }
}

function draft6Properties(): Properties {
  return {
    ...commonProperties('nonNegativeInteger'),
    $id: uriReference,
    $ref: uriReference,
    multipleOf: { type: 'number', exclusiveMinimum: 0 },
    exclusiveMaximum: number,
    exclusiveMinimum: number,
    additionalItems: schema,
    additionalProperties: schema,
    contains: schema,
    propertyNames: schema,
    const: true,
  }
}

function draft7Properties(): Properties {
  return {
    ...draft6Properties(),
    $comment: text,
    readOnly: flag,
    writeOnly: flag,
    examples: { type: 'array' },
    patternProperties: { ...schemaMap, propertyNames: { format: 'regex' } },
    contentMediaType: text,
    contentEncoding: text,
    ...Object.fromEntries(['if', 'then', 'else'].map((keyword) => [keyword, schema])),
  }
}
