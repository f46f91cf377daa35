import { cachedRegexp, type GoRegexp, type GoValue, quote } from '@sluice/go'
import { formatProblem, isKnownFormat } from '../formats/formats.ts'
import { SchemaError } from '../schema-error.ts'
import {
  type ArrayKeywords,
  CompiledSchema,
  type FormatCheck,
  type Keywords,
  type NumberKeywords,
  type ObjectKeywords,
  type TextKeywords,
} from './compiled.ts'
import { type Dialect, hasVocabulary } from './draft.ts'
import {
  countAt,
  listAt,
  mapAt,
  numberAt,
  present,
  presentOrNone,
  type SchemaObject,
  textAt,
  textsOf,
  typesOf,
} from './keyword-values.ts'
import { below } from './pointer.ts'
import type { SchemaRegistry } from './registry.ts'
import type { SchemaPlace, SchemaResource, SchemaRoot } from './schema-root.ts'
import { joinReference, locationText } from './uri.ts'

export type CompileOptions = {
  /** Whether `format` is checked also where it is only a remark. */
  readonly assertFormat?: boolean
}

/** Compiles the schema at a URL with all that it refers to. @throws {SchemaError} when something cannot be used */
export function compileSchema(
  registry: SchemaRegistry,
  url: string,
  options: CompileOptions = {},
): CompiledSchema {
  return new SchemaCompiler(registry, options).compile({ url, pointer: '' })
}

class SchemaCompiler {
  readonly #registry: SchemaRegistry
  readonly #options: CompileOptions
  readonly #schemas = new Map<string, CompiledSchema>()
  readonly #queue: { readonly place: SchemaPlace; readonly schema: CompiledSchema }[] = []

  constructor(registry: SchemaRegistry, options: CompileOptions) {
    this.#registry = registry
    this.#options = options
  }

  compile(place: SchemaPlace): CompiledSchema {
    const first = this.#at(place)
    // The queue grows while it is worked off.
    for (const { place: next, schema } of this.#queue) this.#fill(schema, next)
    return first
  }

  #at(place: SchemaPlace): CompiledSchema {
    const location = locationText(place.url, place.pointer)
    const known = this.#schemas.get(location)
    if (known) return known
    const schema = new CompiledSchema(location)
    this.#schemas.set(location, schema)
    this.#queue.push({ place, schema })
    return schema
  }

  #fill(target: CompiledSchema, place: SchemaPlace): void {
    const { root, schema } = this.#registry.schemaAt(place)
    const resource = root.resourceAt(place.pointer)
    target.draftVersion = resource.dialect.draft.version
    target.resource = this.#at({ url: place.url, pointer: resource.pointer })
    if (target.draftVersion >= 2020 && target.resource === target) {
      for (const anchor of resource.dynamicAnchors) {
        const pointer = resource.anchors.get(anchor) ?? ''
        target.dynamicAnchors.set(anchor, this.#at({ url: place.url, pointer }))
      }
    }
    if (typeof schema === 'boolean') target.keywords = { always: schema }
    if (!(schema instanceof Map)) return
    target.keywords = schema.size === 0 ? { always: true } : this.#keywords(schema, { place, root, resource })
  }

  #keywords(schema: SchemaObject, at: At): Keywords {
    const { version } = at.resource.dialect.draft
    const { dialect } = at.resource
    const constant =
      version >= 6 && hasVocabulary(dialect, 'validation') && schema.has('const')
        ? { const: schema.get('const') ?? null }
        : {}
    const ref = this.#referred(textAt(schema, '$ref'), at)
    // Up to draft 7 what stands beside a reference does not count, except for this.
    if (ref && version < 2019) return { ref, ...constant }
    return {
      ...present<Keywords>({ ref, format: this.#format(schema, dialect) }),
      ...constant,
      ...this.#dynamicReferences(schema, at),
      ...(hasVocabulary(dialect, 'validation') && validation(schema)),
      ...(hasVocabulary(dialect, 'applicator') && this.#combining(schema, at)),
      ...present<Keywords>({ object: this.#object(schema, at), array: this.#array(schema, at) }),
    }
  }

  #dynamicReferences(schema: SchemaObject, at: At): Keywords {
    const { version } = at.resource.dialect.draft
    if (version < 2019) return {}
    const dynamic = version >= 2020 ? textAt(schema, '$dynamicRef') : undefined
    const target = this.#referred(dynamic, at)
    const fragment = dynamic === undefined ? '' : joinReference(at.resource.id, dynamic).fragment
    return present<Keywords>({
      recursiveRef: this.#referred(textAt(schema, '$recursiveRef'), at),
      recursiveAnchor: schema.get('$recursiveAnchor') === true ? true : undefined,
      dynamicRef: target && { schema: target, anchor: fragment.startsWith('/') ? '' : fragment },
      dynamicAnchor: version >= 2020 ? textAt(schema, '$dynamicAnchor') : undefined,
    })
  }

  #referred(reference: string | undefined, { root, resource, place }: At): CompiledSchema | undefined {
    if (reference === undefined) return undefined
    const target = joinReference(resource.id, reference)
    const pointer = root.resolve(target)
    return this.#at(pointer === undefined ? this.#registry.resolve(target) : { url: place.url, pointer })
  }

  #format(schema: SchemaObject, dialect: Dialect): FormatCheck | undefined {
    const { version } = dialect.draft
    const vocabulary = version === 2019 ? 'format' : 'format-assertion'
    const isAsserted =
      this.#options.assertFormat === true || version < 2019 || hasVocabulary(dialect, vocabulary)
    const name = textAt(schema, 'format')
    if (!isAsserted || name === undefined || !isKnownFormat(name)) return undefined
    return { name, problem: (text) => formatProblem(name, text) }
  }

  #combining(schema: SchemaObject, at: At): Keywords {
    return present<Keywords>({
      allOf: this.#list(schema, 'allOf', at),
      anyOf: this.#list(schema, 'anyOf', at),
      oneOf: this.#list(schema, 'oneOf', at),
      not: this.#property(schema, 'not', at),
      condition: this.#condition(schema, at),
    })
  }

  #condition(schema: SchemaObject, at: At): Keywords['condition'] {
    const test = at.resource.dialect.draft.version >= 7 ? this.#property(schema, 'if', at) : undefined
    if (!test) return undefined
    const always = schema.get('if')
    return {
      test,
      whenValid: always === false ? undefined : this.#property(schema, 'then', at),
      whenInvalid: always === true ? undefined : this.#property(schema, 'else', at),
    }
  }

  #object(schema: SchemaObject, at: At): ObjectKeywords | undefined {
    const { dialect } = at.resource
    const { version } = dialect.draft
    const isValidated = hasVocabulary(dialect, 'validation')
    const isApplied = hasVocabulary(dialect, 'applicator')
    return presentOrNone<ObjectKeywords>({
      ...(isValidated && {
        minProperties: countAt(schema, 'minProperties'),
        maxProperties: countAt(schema, 'maxProperties'),
        required: schema.has('required') ? textsOf(schema.get('required')) : undefined,
        dependentRequired: version >= 2019 ? requirements(schema) : undefined,
      }),
      ...(isApplied && {
        properties: this.#map(schema, 'properties', at),
        patternProperties: this.#patterns(schema, at),
        additionalProperties: this.#schemaOrFlag(schema, 'additionalProperties', at),
        dependencies: this.#dependencies(schema, at),
        propertyNames: version >= 6 ? this.#property(schema, 'propertyNames', at) : undefined,
        dependentSchemas: version >= 2019 ? this.#map(schema, 'dependentSchemas', at) : undefined,
      }),
      unevaluatedProperties: this.#unevaluated(schema, 'unevaluatedProperties', at),
    })
  }

  #array(schema: SchemaObject, at: At): ArrayKeywords | undefined {
    const { dialect } = at.resource
    const { version } = dialect.draft
    const isValidated = hasVocabulary(dialect, 'validation')
    const isApplied = hasVocabulary(dialect, 'applicator')
    const contains = isApplied && version >= 6 ? this.#property(schema, 'contains', at) : undefined
    return presentOrNone<ArrayKeywords>({
      ...(isValidated && {
        minItems: countAt(schema, 'minItems'),
        maxItems: countAt(schema, 'maxItems'),
        uniqueItems: schema.get('uniqueItems') === true ? true : undefined,
        minContains: contains && version >= 2019 ? countAt(schema, 'minContains') : undefined,
        maxContains: contains && version >= 2019 ? countAt(schema, 'maxContains') : undefined,
      }),
      ...(isApplied && this.#items(schema, at)),
      contains,
      unevaluatedItems: this.#unevaluated(schema, 'unevaluatedItems', at),
    })
  }

  #items(schema: SchemaObject, at: At): Pick<ArrayKeywords, 'leading' | 'rest'> {
    const isLatest = at.resource.dialect.draft.version >= 2020
    const hasList = !isLatest && Array.isArray(schema.get('items'))
    return present<ArrayKeywords>({
      leading: isLatest
        ? this.#list(schema, 'prefixItems', at)
        : hasList
          ? this.#list(schema, 'items', at)
          : undefined,
      rest: hasList ? this.#schemaOrFlag(schema, 'additionalItems', at) : this.#property(schema, 'items', at),
    })
  }

  #unevaluated(schema: SchemaObject, keyword: string, at: At): CompiledSchema | undefined {
    const { dialect } = at.resource
    const { version } = dialect.draft
    const isOn = version >= 2019 && hasVocabulary(dialect, version === 2019 ? 'applicator' : 'unevaluated')
    return isOn ? this.#property(schema, keyword, at) : undefined
  }

  #property(schema: SchemaObject, keyword: string, { place }: At): CompiledSchema | undefined {
    if (!schema.has(keyword)) return undefined
    return this.#at({ url: place.url, pointer: below(place.pointer, keyword) })
  }

  #schemaOrFlag(schema: SchemaObject, keyword: string, at: At): CompiledSchema | boolean | undefined {
    const value = schema.get(keyword)
    return typeof value === 'boolean' ? value : this.#property(schema, keyword, at)
  }

  #list(schema: SchemaObject, keyword: string, { place }: At): readonly CompiledSchema[] | undefined {
    return listAt(schema, keyword)?.map((_, index) =>
      this.#at({ url: place.url, pointer: below(place.pointer, keyword, String(index)) }),
    )
  }

  #map(
    schema: SchemaObject,
    keyword: string,
    { place }: At,
  ): ReadonlyMap<string, CompiledSchema> | undefined {
    const map = mapAt(schema, keyword)
    if (!map) return undefined
    const entries = [...map.keys()].map(
      (name) => [name, this.#at({ url: place.url, pointer: below(place.pointer, keyword, name) })] as const,
    )
    return new Map(entries)
  }

  #patterns(schema: SchemaObject, at: At): ObjectKeywords['patternProperties'] {
    const map = this.#map(schema, 'patternProperties', at)
    return map && [...map].map(([pattern, it]) => [regexpOf(pattern, 'patternProperties', at), it] as const)
  }

  #dependencies(schema: SchemaObject, at: At): ObjectKeywords['dependencies'] {
    const map = mapAt(schema, 'dependencies')
    if (!map) return undefined
    const { url, pointer } = at.place
    const entries = [...map].map(([name, value]) => {
      const rule = Array.isArray(value)
        ? textsOf(value)
        : this.#at({ url, pointer: below(pointer, 'dependencies', name) })
      return [name, rule] as const
    })
    return new Map(entries)
  }
}

type At = { readonly place: SchemaPlace; readonly root: SchemaRoot; readonly resource: SchemaResource }

function validation(schema: SchemaObject): Keywords {
  return present<Keywords>({
    types: typesOf(schema.get('type')),
    enum: listAt(schema, 'enum'),
    text: textKeywords(schema),
    number: numberKeywords(schema),
  })
}

function textKeywords(schema: SchemaObject): TextKeywords | undefined {
  const pattern = textAt(schema, 'pattern')
  return presentOrNone<TextKeywords>({
    minLength: countAt(schema, 'minLength'),
    maxLength: countAt(schema, 'maxLength'),
    pattern: pattern === undefined ? undefined : { text: pattern, regexp: regexpOf(pattern, 'pattern') },
  })
}

function numberKeywords(schema: SchemaObject): NumberKeywords | undefined {
  const [minimum, exclusiveMinimum] = limits(schema, 'minimum', 'exclusiveMinimum')
  const [maximum, exclusiveMaximum] = limits(schema, 'maximum', 'exclusiveMaximum')
  return presentOrNone<NumberKeywords>({
    minimum,
    maximum,
    exclusiveMinimum,
    exclusiveMaximum,
    multipleOf: numberAt(schema, 'multipleOf'),
  })
}

/** A limit, and one that may not be reached itself: in draft 4 a flag beside the former says which it is. */
function limits(schema: SchemaObject, keyword: string, exclusive: string) {
  const limit = numberAt(schema, keyword)
  return schema.get(exclusive) === true ? [undefined, limit] : [limit, numberAt(schema, exclusive)]
}

function requirements(schema: SchemaObject): ReadonlyMap<string, readonly string[]> | undefined {
  const map = mapAt(schema, 'dependentRequired')
  return map && new Map([...map].map(([name, value]: [string, GoValue]) => [name, textsOf(value)]))
}

function regexpOf(pattern: string, keyword: string, at?: At): GoRegexp {
  const regexp = cachedRegexp(pattern)
  if (!(regexp instanceof Error)) return regexp
  const place = at ? locationText(at.place.url, below(at.place.pointer, keyword)) : keyword
  throw new SchemaError(`invalid regex ${quote(pattern)} at ${quote(place)}: ${regexp.message}`)
}
