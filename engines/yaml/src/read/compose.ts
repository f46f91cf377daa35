import * as events from '../parse/events.ts'
import type { Parser } from '../parse/parser.ts'
import { YamlError } from '../yaml-error.ts'
import { type Anchor, isAliasBomb } from './aliases.ts'
import { goSyntax, type MappingKey, mappingKey } from './keys.ts'
import { resolveType, type ScalarType, type ScalarValue, scalarValue } from './resolve.ts'
import type { Shape } from './shape.ts'
import { type Scalar, taggedScalar } from './tagged-scalar.ts'

const mergeTag = 'tag:yaml.org,2002:merge'
const stringTag = 'tag:yaml.org,2002:str'

/** A collection that is being read. */
type Frame<T, M> = {
  /** The items of a sequence, else `undefined`. */
  readonly items: T[] | undefined
  readonly mapping: M | undefined
  /** Of a mapping: the key whose value comes next; `undefined` when a key comes next. */
  key: MappingKey | string | undefined
  /** Whether the value that comes next is merged into the mapping. */
  merges: boolean
  readonly anchor: Anchor<T> | undefined
  readonly nodesBefore: number
  readonly duplicatesBefore: number
  readonly line: number
}

/** The keys of a mapping read strictly, and the lines of their values. */
type StrictKeys = {
  readonly seen: Set<string>
  readonly lines: Map<string | undefined, number>
}

/** Messages about repeated keys that are kept; aliases repeat those of their target. */
const maxDuplicates = 10_000

/**
 * Builds the value of one document from its events.
 *
 * Errors about values come after all errors of syntax, since Go reads a document to its end before it decodes it:
 * the first one is kept and thrown at the end.
 */
export class Composer<T, M extends T> {
  readonly #parser: Parser
  readonly #shape: Shape<T, M>
  readonly #strict: boolean
  readonly #frames: Frame<T, M>[] = []
  #frame: Frame<T, M> | undefined
  #root: T | undefined
  readonly #anchors = new Map<string, Anchor<T>>()
  #nodes = 0
  #aliasedNodes = 0
  readonly #strictKeys = new Map<M, StrictKeys>()
  readonly #duplicates: string[] = []
  #firstDuplicateLine = 0
  #failure: YamlError | undefined
  #conversionFailure: YamlError | undefined
  /** Whether a number that JSON lacks was read. */
  #nonFinite = false

  constructor(parser: Parser, shape: Shape<T, M>, strict: boolean) {
    this.#parser = parser
    this.#shape = shape
    this.#strict = strict
  }

  /** Reads up to the end of the document that has just begun. @throws {YamlError} */
  document(): { readonly value: T; readonly nonFinite: boolean } {
    const parser = this.#parser
    for (let kind = parser.next(); kind !== events.DOCUMENT_END; kind = parser.next()) this.#read(kind)
    this.#checkAliases()
    if (this.#failure) throw this.#failure
    if (this.#duplicates.length > 0) {
      throw new YamlError(
        'YAML_DUPLICATE_KEY',
        `yaml: unmarshal errors:\n  ${this.#duplicates.join('\n  ')}`,
        { line: this.#firstDuplicateLine, column: 0 },
      )
    }
    if (this.#conversionFailure) throw this.#conversionFailure
    return { value: this.#root as T, nonFinite: this.#nonFinite }
  }

  #read(kind: number): void {
    switch (kind) {
      case events.SCALAR:
        this.#scalar()
        break
      case events.MAPPING_START:
        this.#begin(undefined, this.#shape.mapping())
        break
      case events.SEQUENCE_START:
        this.#begin([], undefined)
        break
      case events.ALIAS:
        this.#alias()
        break
      default:
        this.#end()
    }
  }

  #scalar(): void {
    const { anchor, tag, implicit, value: text, line } = this.#parser
    const frame = this.#frame
    const isKey = frame !== undefined && frame.items === undefined && frame.key === undefined && !frame.merges
    if (isKey && text === '<<' && (implicit || tag === mergeTag) && tag !== stringTag) {
      frame.merges = true
      if (anchor !== '') this.#anchorScalar(anchor, text, text as T)
      return
    }
    this.#nodes += 1
    let type: ScalarType = 'str'
    let value: ScalarValue = text
    if (tag !== '') {
      ;({ type, value } = this.#tagged(tag, text))
    } else if (implicit) {
      type = resolveType(text)
      if (type !== 'str') value = scalarValue(text, type)
    }
    if (isKey) {
      frame.key = type === 'str' ? text : mappingKey(type, value)
      if (type === 'str' && typeof value === 'string') frame.key = value
      if (anchor !== '') this.#anchorScalar(anchor, frame.key, this.#built(value))
      return
    }
    const built = this.#built(value)
    if (anchor !== '') this.#anchorScalar(anchor, keyOf(type, value), built)
    this.#add(built, line)
  }

  #tagged(tag: string, text: string): Scalar {
    try {
      return taggedScalar(tag, text)
    } catch (error) {
      if (!(error instanceof YamlError)) throw error
      this.#fail(error.code, error.message)
      return { type: 'str', value: text }
    }
  }

  #built(value: ScalarValue): T {
    if (typeof value !== 'number' && typeof value !== 'bigint') return value as T
    if (typeof value === 'number' && !Number.isFinite(value)) this.#nonFinite = true
    return this.#shape.number(value)
  }

  #anchorScalar(name: string, key: MappingKey | string, value: T): void {
    this.#anchors.set(name, { done: true, value, key, nodes: 1, duplicates: [] })
  }

  #begin(items: T[] | undefined, mapping: M | undefined): void {
    const { anchor: name, line } = this.#parser
    let anchor: Anchor<T> | undefined
    if (name !== '') {
      anchor = { done: false, value: undefined, key: undefined, nodes: 0, duplicates: [] }
      this.#anchors.set(name, anchor)
    }
    const frame: Frame<T, M> = {
      items,
      mapping,
      key: undefined,
      merges: false,
      anchor,
      nodesBefore: this.#nodes,
      duplicatesBefore: this.#duplicates.length,
      line,
    }
    this.#nodes += 1
    this.#frames.push(frame)
    this.#frame = frame
  }

  #end(): void {
    const frame = this.#frames.pop()
    this.#frame = this.#frames.at(-1)
    if (frame === undefined) return
    const value = (frame.items ?? frame.mapping) as T
    const { anchor } = frame
    if (anchor) {
      anchor.done = true
      anchor.value = value
      anchor.nodes = this.#nodes - frame.nodesBefore
      anchor.duplicates = this.#duplicates.slice(frame.duplicatesBefore)
    }
    this.#add(value, frame.line)
  }

  #alias(): void {
    const { value: name, line } = this.#parser
    const anchor = this.#anchors.get(name)
    if (!anchor) {
      throw new YamlError('YAML_SYNTAX', `yaml: unknown anchor '${name}' referenced`, {
        line: line + 1,
        column: this.#parser.column + 1,
      })
    }
    if (!anchor.done) this.#fail('YAML_INVALID_VALUE', `yaml: anchor '${name}' value contains itself`)
    this.#nodes += 1 + anchor.nodes
    this.#aliasedNodes += anchor.nodes
    this.#checkAliases()
    this.#duplicates.push(...anchor.duplicates.slice(0, maxDuplicates - this.#duplicates.length))
    const frame = this.#frame
    if (
      frame &&
      frame.items === undefined &&
      frame.key === undefined &&
      !frame.merges &&
      anchor.key !== undefined
    ) {
      frame.key = anchor.key
      return
    }
    const value = anchor.value ?? (null as T)
    const mayMerge = !frame?.merges || this.#shape.isMapping(value)
    this.#add(mayMerge ? this.#shape.aliased(value) : (null as T), line)
  }

  #checkAliases(): void {
    if (isAliasBomb(this.#aliasedNodes, this.#nodes)) {
      throw new YamlError('YAML_LIMIT', 'yaml: document contains excessive aliasing')
    }
  }

  /** Puts a finished value where it belongs: into its collection, as a key, or at the top. */
  #add(value: T, line: number): void {
    const frame = this.#frame
    if (frame === undefined) {
      this.#root = value
    } else if (frame.items !== undefined) {
      frame.items.push(value)
    } else if (frame.merges) {
      frame.merges = false
      this.#merge(frame, value)
    } else if (frame.key === undefined) {
      // Only a collection comes here: scalars became keys before.
      this.#fail('YAML_INVALID_VALUE', `yaml: invalid map key: ${goSyntax(value)}`)
      frame.key = ''
    } else {
      const { key } = frame
      frame.key = undefined
      this.#store(frame, key, { value, line })
    }
  }

  #store(
    { mapping }: Frame<T, M>,
    key: MappingKey | string,
    { value, line }: { readonly value: T; readonly line: number },
  ): void {
    if (mapping === undefined) return
    if (this.#strict && !this.#isNew(mapping, typeof key === 'string' ? mappingKey('str', key) : key, line)) {
      return
    }
    const text = typeof key === 'string' ? key : key.text
    if (text !== undefined) {
      this.#shape.set(mapping, text, value)
    } else if (typeof key !== 'string') {
      const { goType, goSyntax: shown } = key
      this.#conversionFailure ??= new YamlError(
        'YAML_INVALID_VALUE',
        `unsupported map key of type: ${goType}, key: ${shown}, value: ${goSyntax(value)}`,
        { line: line + 1, column: 0 },
      )
    }
  }

  /** Whether a mapping that is read strictly has no such key yet; it is remembered or complained of. */
  #isNew(mapping: M, key: MappingKey, line: number): boolean {
    let keys = this.#strictKeys.get(mapping)
    if (!keys) {
      keys = { seen: new Set(), lines: new Map() }
      this.#strictKeys.set(mapping, keys)
    }
    const isNew = !keys.seen.has(key.identity)
    keys.seen.add(key.identity)
    keys.lines.set(key.text, line)
    if (!isNew && this.#duplicates.length < maxDuplicates) {
      if (this.#duplicates.length === 0) this.#firstDuplicateLine = line + 1
      this.#duplicates.push(`line ${line + 1}: key ${key.goSyntax} already set in map`)
    }
    return isNew
  }

  /** Merges a mapping, or a list of mappings of which the first ones win, into the frame's. */
  #merge(frame: Frame<T, M>, value: T): void {
    const sources = Array.isArray(value) ? (value as T[]).toReversed() : [value]
    for (const source of sources) {
      if (!this.#shape.isMapping(source)) {
        this.#fail('YAML_INVALID_VALUE', 'yaml: map merge requires map or sequence of maps as the value')
        return
      }
      this.#mergeMapping(frame, source)
    }
  }

  #mergeMapping(frame: Frame<T, M>, source: M): void {
    const lines = this.#strictKeys.get(source)?.lines
    for (const [key, value] of this.#shape.entries(source)) {
      this.#store(frame, key, { value, line: lines?.get(key) ?? frame.line })
    }
  }

  #fail(code: YamlError['code'], message: string): void {
    const { line, column } = this.#parser
    this.#failure ??= new YamlError(code, message, { line: line + 1, column: column + 1 })
  }
}

function keyOf(type: ScalarType, value: ScalarValue): MappingKey | string {
  return typeof value === 'string' ? value : mappingKey(type, value)
}
