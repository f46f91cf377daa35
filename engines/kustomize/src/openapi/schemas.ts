import { type NodeSchema, type NodeSchemas, readOpenApi } from '@sluice/merge'
import { parsePlain } from '@sluice/yaml'
import { during, KustomizeError } from '../errors.ts'
import { schemaJson } from '../generated/schema.ts'
import type { Gvk } from '../resource/res-id.ts'
import { isKnownKind } from '../resource/scope.ts'

const builtInVersion = 'v1.21.2'
const kindKey = 'x-kubernetes-group-version-kind'

type BuiltIn = {
  readonly definitions: readonly NodeSchema[]
  readonly names: readonly string[]
  readonly kinds: Readonly<Record<string, number>>
}

let parsed: BuiltIn | undefined

/** The schemas by which the merges of one build go: the built-in ones, or those of a file that takes their place. */
export class BuildSchemas implements NodeSchemas {
  private custom: Map<string, NodeSchema> | undefined
  /** The text of a schema file that nothing has asked for yet. */
  private unread: string | undefined
  private readonly customKinds = new Map<string, NodeSchema>()
  private chosen = false
  /** Whether the built-in schemas count beside those of a file. */
  private withBuiltIn = false
  private sawUnknownKind = false

  /**
   * Takes the `openapi` field of a kustomization; the first that says something counts, the outermost before all.
   *
   * @throws {KustomizeError} when it asks for a version that is not built in, or for a version and a file.
   */
  choose(openapi: ReadonlyMap<string, string> | undefined, load: (path: string) => string): void {
    const path = openapi?.get('path')
    const version = openapi?.get('version')
    const text = path === undefined ? undefined : load(path)
    if (this.chosen) return
    if (text !== undefined) {
      if (version !== undefined) {
        throw new KustomizeError(
          'KUSTOMIZATION_INVALID',
          'builtin version and custom schema provided, cannot use both',
        )
      }
      this.chosen = true
      this.withBuiltIn = this.sawUnknownKind
      this.unread = text
      return
    }
    if (version === undefined || version === '') return
    if (version !== builtInVersion) {
      throw new KustomizeError('KUSTOMIZATION_INVALID', 'the specified OpenAPI version is not built in')
    }
    this.chosen = true
  }

  /** Notes a kind that is read: once an unknown one is, kustomize has its built-in schemas beside a file's. */
  sawKind(gvk: Gvk): void {
    this.sawUnknownKind ||= !isKnownKind(gvk)
  }

  /** @throws {KustomizeError} when the schema file is none. */
  definition(name: number | string): NodeSchema | undefined {
    this.readUnread()
    if (typeof name === 'number') return builtIn().definitions[name]
    const custom = this.custom?.get(name)
    if (custom || !this.withBuiltIn) return custom
    const { names, definitions } = builtIn()
    return definitions[names.indexOf(name)]
  }

  /** @throws {KustomizeError} when the schema file is none. */
  kind(apiVersion: string, kind: string): NodeSchema | undefined {
    this.readUnread()
    const key = `${apiVersion}/${kind}`
    const custom = this.customKinds.get(key)
    if (custom || (this.custom && !this.withBuiltIn)) return custom
    const { definitions, kinds } = builtIn()
    const number = Object.hasOwn(kinds, key) ? kinds[key] : undefined
    return number === undefined ? undefined : definitions[number]
  }

  private readUnread(): void {
    const text = this.unread
    if (text === undefined) return
    this.unread = undefined
    this.custom = new Map()
    const document = during('invalid schema file', () => parsePlain(text))
    if (typeof document !== 'object' || document === null || Array.isArray(document)) {
      throw new KustomizeError('KUSTOMIZATION_INVALID', 'invalid schema file: it is no mapping')
    }
    const definitions = document['definitions']
    if (typeof definitions !== 'object' || definitions === null || Array.isArray(definitions)) return
    for (const [name, definition] of Object.entries(definitions)) {
      const schema = readOpenApi(definition)
      this.custom.set(name, schema)
      for (const kind of kindsOf(definition)) this.customKinds.set(kind, schema)
    }
  }
}

function kindsOf(definition: unknown): string[] {
  if (!isRecord(definition)) return []
  const kinds = definition[kindKey]
  if (!Array.isArray(kinds)) return []
  return kinds.filter(isRecord).map(({ group, version, kind }) => {
    const parts = [group, version, kind].filter((it) => typeof it === 'string' && it !== '')
    return parts.join('/')
  })
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function builtIn(): BuiltIn {
  parsed ??= JSON.parse(schemaJson) as BuiltIn
  return parsed
}
