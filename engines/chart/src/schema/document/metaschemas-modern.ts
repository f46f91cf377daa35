import type { Json } from './metaschemas.ts'

type Properties = Readonly<Record<string, Json>>

/** What the two drafts with vocabularies word differently. */
type Edition = {
  readonly name: '2019-09' | '2020-12'
  /** The keyword that makes a metaschema the target of references into it. */
  readonly anchor: Properties
  /** Any schema. */
  readonly schema: Json
  readonly vocabularies: readonly string[]
}

const edition2019: Edition = {
  name: '2019-09',
  anchor: { $recursiveAnchor: true },
  schema: { $recursiveRef: '#' },
  vocabularies: ['core', 'applicator', 'validation', 'meta-data', 'format', 'content'],
}
const edition2020: Edition = {
  name: '2020-12',
  anchor: { $dynamicAnchor: 'meta' },
  schema: { $dynamicRef: '#meta' },
  vocabularies: [
    'core',
    'applicator',
    'unevaluated',
    'validation',
    'meta-data',
    'format-annotation',
    'content',
  ],
}

const text = { type: 'string' }
const flag = { type: 'boolean' }
const number = { type: 'number' }
const regex = { type: 'string', format: 'regex' }
const uri = { type: 'string', format: 'uri' }
const uriReference = { type: 'string', format: 'uri-reference' }
const ref = (name: string): Json => ({ $ref: `#/$defs/${name}` })

/** The metaschemas of drafts 2019-09 and 2020-12 and their vocabularies, without what only describes. */
export function modernMetaschemas(): readonly (readonly [string, Json])[] {
  return [...editionDocuments(edition2019), ...editionDocuments(edition2020)]
}

function editionDocuments(edition: Edition): readonly (readonly [string, Json])[] {
  const { schema } = edition
  const format: Properties = { format: text }
  const parts: Readonly<Record<string, Properties>> =
    edition === edition2019
      ? { core: core2019(schema), format }
      : {
          core: core2020(schema),
          'format-annotation': format,
          'format-assertion': format,
          unevaluated: { unevaluatedItems: schema, unevaluatedProperties: schema },
        }
  const vocabularies: Readonly<Record<string, Properties>> = {
    ...parts,
    applicator: edition === edition2019 ? applicator2019(schema) : applicator2020(schema),
    validation: validation(),
    'meta-data': metaData(),
    content: { contentEncoding: text, contentMediaType: text, contentSchema: schema },
  }
  return [
    [`draft/${edition.name}/schema`, metaschema(edition)],
    ...Object.entries(vocabularies).map(
      ([name, properties]) =>
        [`draft/${edition.name}/meta/${name}`, vocabulary(edition, name, properties)] as const,
    ),
  ]
}

function header({ name, anchor }: Edition, path: string, vocabularies: readonly string[]): Properties {
  const root = `https://json-schema.org/draft/${name}`
  return {
    $schema: `${root}/schema`,
    $id: `${root}/${path}`,
    $vocabulary: Object.fromEntries(
      vocabularies.map((it) => [`${root}/vocab/${it}`, !(it === 'format' && path === 'schema')]),
    ),
    ...anchor,
    type: ['object', 'boolean'],
  }
}

function metaschema(edition: Edition): Json {
  const { schema, vocabularies } = edition
  const stringArray = { $ref: 'meta/validation#/$defs/stringArray' }
  return {
    ...header(edition, 'schema', vocabularies),
    allOf: vocabularies.map((name) => ({ $ref: `meta/${name}` })),
    properties: {
      definitions: { type: 'object', additionalProperties: schema },
      dependencies: { type: 'object', additionalProperties: { anyOf: [schema, stringArray] } },
      ...(edition === edition2020 && {
        $recursiveAnchor: { $ref: 'meta/core#/$defs/anchorString' },
        $recursiveRef: { $ref: 'meta/core#/$defs/uriReferenceString' },
      }),
    },
  }
}

function vocabulary(edition: Edition, name: string, properties: Properties): Json {
  const { schema } = edition
  const definitions: Readonly<Record<string, Json>> = {
    applicator: { schemaArray: { type: 'array', minItems: 1, items: schema } },
    validation: {
      nonNegativeInteger: { type: 'integer', minimum: 0 },
      nonNegativeIntegerDefault0: { ...(ref('nonNegativeInteger') as Properties), default: 0 },
      simpleTypes: { enum: ['array', 'boolean', 'integer', 'null', 'number', 'object', 'string'] },
      stringArray: { type: 'array', items: text, uniqueItems: true },
    },
    ...(edition === edition2020 && {
      core: {
        anchorString: { type: 'string', pattern: '^[A-Za-z_][-A-Za-z0-9._]*$' },
        uriString: uri,
        uriReferenceString: uriReference,
      },
    }),
  }
  const own = definitions[name]
  return { ...header(edition, `meta/${name}`, [name]), properties, ...(own !== undefined && { $defs: own }) }
}

function core2019(schema: Json): Properties {
  return {
    $id: { ...uriReference, pattern: '^[^#]*#?$' },
    $schema: uri,
    $anchor: { type: 'string', pattern: '^[A-Za-z][-A-Za-z0-9.:_]*$' },
    $ref: uriReference,
    $recursiveRef: uriReference,
    $recursiveAnchor: flag,
    $vocabulary: { type: 'object', propertyNames: uri, additionalProperties: flag },
    $comment: text,
    $defs: { type: 'object', additionalProperties: schema },
  }
}

function core2020(schema: Json): Properties {
  const reference = ref('uriReferenceString')
  return {
    $id: { $ref: '#/$defs/uriReferenceString', pattern: '^[^#]*#?$' },
    $schema: ref('uriString'),
    $ref: reference,
    $anchor: ref('anchorString'),
    $dynamicRef: reference,
    $dynamicAnchor: ref('anchorString'),
    $vocabulary: { type: 'object', propertyNames: ref('uriString'), additionalProperties: flag },
    $comment: text,
    $defs: { type: 'object', additionalProperties: schema },
  }
}

/** Keywords that apply schemas, in both drafts. */
function applicator(schema: Json): Properties {
  const map = { type: 'object', additionalProperties: schema }
  return {
    contains: schema,
    additionalProperties: schema,
    properties: map,
    patternProperties: { ...map, propertyNames: { format: 'regex' } },
    dependentSchemas: map,
    propertyNames: schema,
    ...Object.fromEntries(['if', 'then', 'else'].map((keyword) => [keyword, schema])),
    allOf: ref('schemaArray'),
    anyOf: ref('schemaArray'),
    oneOf: ref('schemaArray'),
    not: schema,
  }
}

function applicator2019(schema: Json): Properties {
  return {
    ...applicator(schema),
    additionalItems: schema,
    unevaluatedItems: schema,
    unevaluatedProperties: schema,
    items: { anyOf: [schema, ref('schemaArray')] },
  }
}

function applicator2020(schema: Json): Properties {
  return { ...applicator(schema), prefixItems: ref('schemaArray'), items: schema }
}

function validation(): Properties {
  const count = ref('nonNegativeInteger')
  const least = ref('nonNegativeIntegerDefault0')
  const types = ref('simpleTypes')
  return {
    type: { anyOf: [types, { type: 'array', items: types, minItems: 1, uniqueItems: true }] },
    const: true,
    enum: { type: 'array' },
    multipleOf: { type: 'number', exclusiveMinimum: 0 },
    maximum: number,
    exclusiveMaximum: number,
    minimum: number,
    exclusiveMinimum: number,
    maxLength: count,
    minLength: least,
    pattern: regex,
    maxItems: count,
    minItems: least,
    uniqueItems: flag,
    maxContains: count,
    minContains: count,
    maxProperties: count,
    minProperties: least,
    required: ref('stringArray'),
    dependentRequired: { type: 'object', additionalProperties: ref('stringArray') },
  }
}

function metaData(): Properties {
  return {
    title: text,
    description: text,
    default: true,
    deprecated: flag,
    readOnly: flag,
    writeOnly: flag,
    examples: { type: 'array' },
  }
}
