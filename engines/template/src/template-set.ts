import { type GoFunction, type GoValue, normalizeGoString } from '@sluice/go'
import { builtinFunctions } from './builtins/builtins.ts'
import { TemplateError } from './error.ts'
import { type CompiledTemplate, compile, invoke } from './exec/compile.ts'
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
export class TemplateSet {
  readonly #templates = new Map<string, CompiledTemplate>()

  constructor(templates: Iterable<readonly [string, CompiledTemplate]> = []) {
    for (const [name, template] of templates) this.#templates.set(name, template)
  }

  /** Adds templates. One that is there already is replaced, except by one without content. */
  add(source: ParsedSource): this {
    for (const [name, template] of source) {
      if (this.#templates.has(name) && isEmptyTree(template.tree.root)) continue
      this.#templates.set(name, template)
    }
    return this
  }

  has(name: string): boolean {
    return this.#templates.has(name)
  }

  get names(): readonly string[] {
    return [...this.#templates.keys()]
  }

  get table(): TemplateTable {
    return this.#templates
  }

  /** A set of its own with the same templates. */
  clone(): TemplateSet {
    return new TemplateSet(this.#templates)
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
  readonly #set: TemplateSet
  #functions: FunctionMap
  #state: State | undefined

  constructor(set: TemplateSet, options: RunOptions = {}) {
    this.#set = set
    this.#options = options
    this.#functions = mergeFunctions(builtinFunctions, options.functions ?? new Map<string, GoFunction>())
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
    const template = set.table.get(name)
    if (!template) {
      throw new TemplateError('TEMPLATE_EXEC', `template: no template "${name}" associated with this set`)
    }
    const outer = this.#state
    const state = outer ?? this.#start(template)
    const saved = state.save()
    state.out = ''
    state.templates = set.table
    try {
      state.enter()
      invoke(state, template, data)
      return normalizeGoString(state.out)
    } catch (cause) {
      throw outer ? cause : this.#outermost(cause, state)
    } finally {
      state.restore(saved)
      this.#state = outer
    }
  }

  #start(template: CompiledTemplate): State {
    const { missingKey = 'invalid', limits = {} } = this.#options
    const state = new State(template.tree, this.#set.table, {
      functions: this.#functions,
      missingKey,
      limits: { ...defaultLimits, ...limits },
    })
    this.#state = state
    return state
  }

  /** The host's stack can end before the depth that is allowed is reached. */
  #outermost(cause: unknown, state: State): unknown {
    const stackIsFull = cause instanceof RangeError && cause.message.includes('call stack')
    return stackIsFull ? state.tooDeep() : cause
  }
}
