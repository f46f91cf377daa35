export type DraftVersion = 4 | 6 | 7 | 2019 | 2020

/** Where a schema has schemas in it: as a keyword's value, or in its value's members or items. */
export type Subschemas = { readonly keyword: string; readonly inside: 'itself' | 'members' | 'items' }

/** What a draft of JSON Schema lays down about documents. Source: https://json-schema.org/specification-links */
export type Draft = {
  readonly version: DraftVersion
  /** Of its metaschema. */
  readonly url: string
  readonly idKeyword: 'id' | '$id'
  readonly subschemas: readonly Subschemas[]
  readonly vocabularyPrefix: string
  /** Names of the vocabularies of a draft that has them. */
  readonly vocabularies: readonly string[]
  readonly defaultVocabularies: readonly string[]
}

const draft4Subschemas: readonly Subschemas[] = [
  ...at('members', 'definitions', 'properties', 'patternProperties', 'dependencies'),
  ...at('itself', 'not', 'additionalProperties', 'items', 'additionalItems'),
  ...at('items', 'allOf', 'anyOf', 'oneOf', 'items'),
]
const draft6Subschemas = [...draft4Subschemas, ...at('itself', 'propertyNames', 'contains')]
const draft7Subschemas = [...draft6Subschemas, ...at('itself', 'if', 'then', 'else')]
const draft2019Subschemas = [
  ...draft7Subschemas,
  ...at('members', '$defs', 'dependentSchemas'),
  ...at('itself', 'unevaluatedProperties', 'unevaluatedItems', 'contentSchema'),
]

function at(inside: Subschemas['inside'], ...keywords: readonly string[]): readonly Subschemas[] {
  return keywords.map((keyword) => ({ keyword, inside }))
}

const withoutVocabularies = { vocabularyPrefix: '', vocabularies: [], defaultVocabularies: [] }

export const drafts: readonly Draft[] = [
  {
    version: 4,
    url: 'http://json-schema.org/draft-04/schema',
    idKeyword: 'id',
    subschemas: draft4Subschemas,
    ...withoutVocabularies,
  },
  {
    version: 6,
    url: 'http://json-schema.org/draft-06/schema',
    idKeyword: '$id',
    subschemas: draft6Subschemas,
    ...withoutVocabularies,
  },
  {
    version: 7,
    url: 'http://json-schema.org/draft-07/schema',
    idKeyword: '$id',
    subschemas: draft7Subschemas,
    ...withoutVocabularies,
  },
  {
    version: 2019,
    url: 'https://json-schema.org/draft/2019-09/schema',
    idKeyword: '$id',
    subschemas: draft2019Subschemas,
    vocabularyPrefix: 'https://json-schema.org/draft/2019-09/vocab/',
    vocabularies: ['core', 'applicator', 'validation', 'meta-data', 'format', 'content'],
    defaultVocabularies: ['core', 'applicator', 'validation'],
  },
]

/** What a schema is of that does not say. */
export const latestDraft: Draft = {
  version: 2020,
  url: 'https://json-schema.org/draft/2020-12/schema',
  idKeyword: '$id',
  subschemas: [...draft2019Subschemas, ...at('items', 'prefixItems')],
  vocabularyPrefix: 'https://json-schema.org/draft/2020-12/vocab/',
  vocabularies: [
    'core',
    'applicator',
    'unevaluated',
    'validation',
    'meta-data',
    'format-annotation',
    'format-assertion',
    'content',
  ],
  defaultVocabularies: ['core', 'applicator', 'unevaluated', 'validation'],
}

/** The draft that a `$schema` names, with either scheme; `undefined` for other documents. */
export function draftOfUrl(url: string): Draft | undefined {
  const name = withoutScheme(url.replace(/#$/, ''))
  if (name === 'json-schema.org/schema') return latestDraft
  return [...drafts, latestDraft].find((draft) => withoutScheme(draft.url) === name)
}

export function withoutScheme(url: string): string {
  return url.replace(/^https?:\/\//, '')
}

/** A draft, and the vocabularies in use where a metaschema names them. */
export type Dialect = { readonly draft: Draft; readonly vocabularies: readonly string[] | undefined }

export function hasVocabulary({ draft, vocabularies }: Dialect, name: string): boolean {
  if (name === 'core' || draft.version < 2019) return true
  return (vocabularies ?? draft.defaultVocabularies).includes(name)
}
