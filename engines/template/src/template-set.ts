import { type GoFunction, type GoValue, normalizeGoString, quote } from '@sluice/go'
import { builtinFunctions } from './builtins/builtins.ts'
import { TemplateError } from './error.ts'
import { type CompiledTemplate, compile } from './exec/compile.ts'
import { defaultLimits, type Limits } from './exec/limits.ts'
import { type MissingKey, State, type TemplateTable } from './exec/state.ts'
import { type FunctionMap, mergeFunctions } from './functions.ts'
import { isEmptyTree, parseSource } from './parse/parser.ts'

/** The templates of one source, compiled; independent of any set, so that it can be kept and reused. */
export type ParsedSource = ReadonlyMap<string, CompiledTemplate>

/**
 * Parses and compiles a source.
 *
 * @param functions names of the functions that may be called, besides the builtin ones
 * @throws {TemplateError} `TEMPLATE_PARSE`
 */
export function parseTemplates(
  name: string,
  text: string,
  functions: { has(name: string): boolean } = new Set<string>(),
): ParsedSource {
  const known = { has: (it: string) => functions.has(it) || builtinFunctions.has(it) }
  const trees = parseSource(name, text, known)
  return new Map([...trees].map(([treeName, tree]) => [treeName, compile(tree)]))
}

export type RunOptions = {
  /** Implementations by name; they hide builtin functions of the same name. */
  readonly functions?: FunctionMap
  /** Default `invalid`: prints `<no value>`. */
  readonly missingKey?: MissingKey
  readonly limits?: Partial<Limits>
}

/** Templates that can call one another by name. */
export class TemplateSet implements TemplateTable {
  /** What the set is called in errors. */
  readonly name: string
  readonly #base: TemplateSet | undefined
  readonly #templates = new Map<string, CompiledTemplate>()

  constructor(name = '', base?: TemplateSet) {
    this.name = name
    this.#base = base
  }

  /** Adds templates. One that is there already is replaced, except by one without content. */
  add(source: ParsedSource): this {
    for (const [name, template] of source) {
      if (this.get(name) && isEmptyTree(template.tree.root)) continue
      this.#templates.set(name, template)
    }
    return this
  }

  get(name: string): CompiledTemplate | undefined {
    return this.#templates.get(name) ?? this.#base?.get(name)
  }

  /** A set with the same templates, to which more can be added without changing this one. */
  derive(): TemplateSet {
    return new TemplateSet(this.name, this)
  }

  /**
   * Renders a template.
   *
   * @throws {TemplateError}
   */
  render(name: string, data: GoValue, options: RunOptions = {}): string {
    return new Run(this, options).render(name, data)
  }
}

/**
 * One run of templates with its bounds. Functions such as Helm's `include` render more templates within it.
 * Functions that need the run itself are added with {@link Run.define}.
 */
export class Run {
  readonly #options: RunOptions
  #set: TemplateSet
  #functions: FunctionMap
  #state: State | undefined

  constructor(set: TemplateSet, options: RunOptions = {}) {
    this.#set = set
    this.#options = options
    this.#functions = mergeFunctions(builtinFunctions, options.functions ?? new Map<string, GoFunction>())
  }

  /** The set whose templates are rendered at this moment. */
  get set(): TemplateSet {
    return this.#set
  }

  /** Adds functions, before the first render. */
  define(functions: FunctionMap): this {
    this.#functions = mergeFunctions(this.#functions, functions)
    return this
  }

  /**
   * Renders a template of the set, or of another one in its place, on what is left of the run's bounds.
   *
   * @throws {TemplateError}
   */
  render(name: string, data: GoValue, set: TemplateSet = this.#set): string {
    const template = find(set, name)
    const state = (this.#state ??= this.#start(template))
    const saved = state.save()
    const outer = this.#set
    this.#set = set
    // Frames are kept few and small from here to the closures: includes may be a thousand deep.
    try {
      state.begin(template.tree, data, set)
      template.body(state, data)
      return normalizeGoString(state.out)
    } catch (cause) {
      throw saved.depth === 0 ? outermost(cause, state) : cause
    } finally {
      this.#set = outer
      state.restore(saved)
    }
  }

  #start(template: CompiledTemplate): State {
    const { missingKey = 'invalid', limits = {} } = this.#options
    return new State(template.tree, this.#set, {
      functions: this.#functions,
      missingKey,
      limits: { ...defaultLimits, ...limits },
    })
  }
}

function find(set: TemplateSet, name: string): CompiledTemplate {
  const template = set.get(name)
  if (template) return template
  const text = `template: no template ${quote(name)} associated with template ${quote(set.name)}`
  throw new TemplateError('TEMPLATE_EXEC', text)
}

/** The host's stack can end before the depth that is allowed is reached. */
function outermost(cause: unknown, state: State): unknown {
  const stackIsFull = cause instanceof RangeError && cause.message.includes('call stack')
  return stackIsFull ? state.tooDeep() : cause
}
