import type { GoValue } from '@sluice/go'
import { formatProblem } from './formats.ts'
import { isSame, numberOf, typeOfValue } from './instance.ts'
import { isSchema, type Schema, type SchemaDocument, SchemaError } from './json-schema.ts'
import { arrayViolations, numberViolations, objectViolations, stringViolations } from './keywords.ts'
import { type At, type SchemaCheck, wrong } from './place.ts'
import { flattened, grouped, quoted, type Violation } from './violation.ts'

const maxDepth = 500

/**
 * Validates values against a schema in the order and the words of the library that Helm 4.3 uses.
 *
 * Source: JSON Schema drafts 4 to 2020-12; texts as recorded from Helm.
 */
export class Validator implements SchemaCheck {
  readonly document: SchemaDocument

  constructor(document: SchemaDocument) {
    this.document = document
  }

  /** What is wrong with the whole. @throws {SchemaError} when the schema cannot be used */
  violations(value: GoValue): readonly Violation[] {
    return flattened(this.check(this.document.root, value, { path: [], depth: 0 }))
  }

  /** What is wrong with a value at a place. */
  check(schema: Schema, value: GoValue, at: At): Violation | undefined {
    if (typeof schema === 'boolean') return schema ? undefined : wrong(at, 'false schema')
    if (at.depth > maxDepth) throw new SchemaError('the schema refers to itself without an end')
    const inner = { ...at, depth: at.depth + 1 }
    const first = this.#conclusive(schema, value, inner)
    if (first) return first
    const { draft } = this.document
    const reference = schema.get('$ref')
    const referred =
      typeof reference === 'string' ? this.check(this.document.resolve(reference), value, inner) : undefined
    // Up to draft 7 a reference hides whatever stands beside it.
    if (typeof reference === 'string' && draft < 2019) return referred
    return grouped(at.path, [
      ...flattened(referred),
      ...this.#ofType(schema, value, inner),
      ...this.#combined(schema, value, inner),
    ])
  }

  /** Keywords whose failure ends the matter. */
  #conclusive(schema: ReadonlyMap<string, unknown>, value: GoValue, at: At): Violation | undefined {
    const types = schema.get('type')
    if (types !== undefined) {
      const wanted = (Array.isArray(types) ? types : [types]).map(String)
      if (!wanted.some((type) => isOfType(value, type))) {
        return wrong(at, `got ${typeOfValue(value)}, want ${wanted.toSorted().join(' or ')}`)
      }
    }
    if (schema.has('const') && !isSame(value, schema.get('const'))) {
      const wanted = schema.get('const')
      return wrong(at, isPrimitive(wanted) ? `value must be ${shown(wanted)}` : 'const failed')
    }
    const choices = schema.get('enum')
    if (Array.isArray(choices) && !choices.some((choice) => isSame(value, choice))) {
      const text = choices.every(isPrimitive)
        ? `value must be one of ${choices.map(shown).join(', ')}`
        : 'enum failed'
      return wrong(at, text)
    }
    return this.#wrongFormat(schema.get('format'), value, at)
  }

  #wrongFormat(format: unknown, value: GoValue, at: At): Violation | undefined {
    // Newer drafts take a format as a remark.
    if (typeof format !== 'string' || typeof value !== 'string' || this.document.draft >= 2019) {
      return undefined
    }
    const problem = formatProblem(format, value)
    return problem === undefined
      ? undefined
      : wrong(at, `${quoted(value)} is not valid ${format}: ${problem}`)
  }

  #ofType(schema: ReadonlyMap<string, unknown>, value: GoValue, at: At): readonly Violation[] {
    switch (typeOfValue(value)) {
      case 'object':
        return value instanceof Map ? objectViolations(this, schema, { value, at }) : []
      case 'array':
        return arrayViolations(this, schema, { value: value as readonly GoValue[], at })
      case 'string':
        return stringViolations(this, schema, { value: value as string, at })
      case 'number':
        return numberViolations(this, schema, { value: numberOf(value), at })
      case 'null':
      case 'boolean':
        return []
    }
  }

  #combined(schema: ReadonlyMap<string, unknown>, value: GoValue, at: At): readonly Violation[] {
    const dynamic = schema.get('$dynamicRef') ?? schema.get('$recursiveRef')
    return [
      ...(typeof dynamic === 'string'
        ? flattened(this.check(this.document.resolve(dynamic), value, at))
        : []),
      ...this.#not(schema.get('not'), value, at),
      ...this.#allOf(schema.get('allOf'), value, at),
      ...this.#anyOf(schema.get('anyOf'), value, at),
      ...this.#oneOf(schema.get('oneOf'), value, at),
      ...this.#conditional(schema, value, at),
    ]
  }

  #not(schema: unknown, value: GoValue, at: At): readonly Violation[] {
    return isSchema(schema) && !this.check(schema, value, at) ? [wrong(at, "'not' failed")] : []
  }

  #allOf(schemas: unknown, value: GoValue, at: At): readonly Violation[] {
    const causes = this.#each(schemas, value, at).filter((it) => it !== undefined)
    return causes.length === 0 ? [] : [{ ...wrong(at, "'allOf' failed"), causes }]
  }

  #anyOf(schemas: unknown, value: GoValue, at: At): readonly Violation[] {
    const results = this.#each(schemas, value, at)
    if (results.length === 0 || results.includes(undefined)) return []
    return [{ ...wrong(at, "'anyOf' failed"), causes: results.filter((it) => it !== undefined) }]
  }

  #oneOf(schemas: unknown, value: GoValue, at: At): readonly Violation[] {
    const results = this.#each(schemas, value, at)
    if (results.length === 0) return []
    const matched = results.flatMap((it, index) => (it === undefined ? [index] : []))
    if (matched.length === 1) return []
    if (matched.length > 1) {
      return [wrong(at, `'oneOf' failed, subschemas ${matched.slice(0, 2).join(', ')} matched`)]
    }
    const causes = results.filter((it) => it !== undefined)
    return [{ ...wrong(at, "'oneOf' failed, none matched"), causes }]
  }

  #each(schemas: unknown, value: GoValue, at: At): readonly (Violation | undefined)[] {
    return Array.isArray(schemas) ? schemas.filter(isSchema).map((it) => this.check(it, value, at)) : []
  }

  #conditional(schema: ReadonlyMap<string, unknown>, value: GoValue, at: At): readonly Violation[] {
    const condition = schema.get('if')
    if (!isSchema(condition) || this.document.draft < 7) return []
    const branch = schema.get(this.check(condition, value, at) ? 'else' : 'then')
    return isSchema(branch) ? flattened(this.check(branch, value, at)) : []
  }
}

function isOfType(value: GoValue, type: string): boolean {
  const actual = typeOfValue(value)
  return actual === type || (type === 'integer' && actual === 'number' && Number.isInteger(numberOf(value)))
}

function isPrimitive(value: unknown): boolean {
  return !Array.isArray(value) && !(value instanceof Map)
}

function shown(value: unknown): string {
  if (typeof value === 'string') return quoted(value)
  return value === null ? '<nil>' : JSON.stringify(value)
}
