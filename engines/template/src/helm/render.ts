import { compareGoStrings, GoError, GoFunction, GoMap, type GoValue, quote } from '@sluice/go'
import { TemplateError } from '../error.ts'
import type { Limits } from '../exec/limits.ts'
import { define, type FunctionMap } from '../functions.ts'
import { TemplateCache } from '../template-cache.ts'
import { Run, TemplateSet } from '../template-set.ts'
import { executionError, markMessage, parseError } from './error-text.ts'
import type { Lookup } from './lookup.ts'

/** A file of a chart's `templates`. Files of one chart share `values`; the key `Template` is set in it for each. */
export type HelmTemplate = {
  readonly text: string
  /** Path of the chart's templates folder, such as `mychart/templates`. */
  readonly basePath: string
  /** What dot is: `Values`, `Release`, `Chart`, `Files`, `Capabilities`, `Subcharts`. */
  readonly values: Map<string, GoValue>
}

export type HelmRenderOptions = {
  /** From {@link helmFunctions}. */
  readonly functions: FunctionMap
  /** Whether a missing key is an error (`Engine.Strict`). */
  readonly strict?: boolean
  /** Whether `required` and `fail` let pass (`helm lint`). */
  readonly lint?: boolean
  /** Answers `lookup`; without it every answer is an empty map. */
  readonly lookup?: Lookup
  readonly limits?: Partial<Limits>
  /** Keeps compiled templates from one render to the next. */
  readonly cache?: TemplateCache
}

const noValue = '<no value>'
const setName = 'gotpl'
/** How many includes of one name may be nested. */
const maxIncludes = 1_000

/**
 * Renders the templates of charts as Helm 4 does; files whose names begin with `_` are only there to be included.
 *
 * Source: helm.sh/helm/v4 4.3.1, pkg/engine/engine.go.
 * @param templates by path, such as `mychart/templates/service.yaml`
 * @returns the texts by path
 * @throws {TemplateError} in Helm's words
 */
export function renderHelm(
  templates: ReadonlyMap<string, HelmTemplate>,
  options: HelmRenderOptions,
): Map<string, string> {
  const { functions, strict = false, limits = {}, cache = new TemplateCache(functions) } = options
  const set = new TemplateSet(setName)
  const paths = deepestFirst([...templates.keys()])
  for (const path of paths) addFile(set, path, cache.parse.bind(cache, path, templates.get(path)?.text ?? ''))
  const run = new Run(set, { functions, missingKey: strict ? 'error' : 'zero', limits })
  run.define(runFunctions(run, cache, options))
  const rendered = new Map<string, string>()
  for (const path of paths) {
    const template = templates.get(path)
    if (!template || fileName(path).startsWith('_')) continue
    rendered.set(path, renderFile(run, path, template))
  }
  return rendered
}

function addFile(set: TemplateSet, path: string, parse: () => ReturnType<TemplateCache['parse']>): void {
  try {
    set.add(parse())
  } catch (cause) {
    if (cause instanceof TemplateError) throw parseError(path, cause)
    throw cause
  }
}

function renderFile(run: Run, path: string, { basePath, values }: HelmTemplate): string {
  values.set(
    'Template',
    helmValues(
      new Map([
        ['Name', path],
        ['BasePath', basePath],
      ]),
    ),
  )
  try {
    return run.render(path, helmValues(values)).replaceAll(noValue, '')
  } catch (cause) {
    if (cause instanceof TemplateError) throw executionError(path, cause)
    throw cause
  }
}

/** A map of the type that Helm gives `.Values` and the like. */
export function helmValues(entries: Map<string, GoValue>): GoMap {
  return new GoMap('common.Values', entries, {
    underlying: 'map[string]interface {}',
  })
}

/** The order in which files are parsed: of templates with one name the one parsed last counts. */
function deepestFirst(paths: readonly string[]): string[] {
  return paths
    .map((path) => ({ path, depth: path.split('/').length }))
    .toSorted((a, b) => b.depth - a.depth || compareGoStrings(b.path, a.path))
    .map(({ path }) => path)
}

function fileName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** The functions that need the run. */
function runFunctions(
  run: Run,
  cache: TemplateCache,
  { lint = false, lookup }: HelmRenderOptions,
): FunctionMap {
  return new Map<string, GoFunction>([
    ['include', include(run)],
    ['tpl', define(['string', 'interface {}'], (text, data) => renderText(run, cache, { text, data }))],
    [
      'required',
      define(['string', 'interface {}'], (message, value) => {
        if (value !== null && value !== '') return value
        if (lint) return ''
        throw new GoError(markMessage(message))
      }),
    ],
    [
      'fail',
      define(['string'], (message) => {
        if (lint) return ''
        throw new GoError(markMessage(message))
      }),
    ],
    [
      'lookup',
      define(['string', 'string', 'string', 'string'], (apiVersion, kind, namespace, name) =>
        lookup && !lint ? lookup({ apiVersion, kind, namespace, name }) : new Map(),
      ),
    ],
  ])
}

function include(run: Run): GoFunction {
  const nested = new Map<string, number>()
  // Without define's wrapper, as each level of includes takes stack.
  return new GoFunction(['string', 'interface {}'], ([name, data]) => {
    const template = name as string
    const depth = nested.get(template) ?? 0
    if (depth > maxIncludes) throw tooManyIncludes(template)
    nested.set(template, depth + 1)
    const text = run.render(template, data ?? undefined)
    nested.set(template, depth)
    return text
  })
}

function tooManyIncludes(name: string): GoError {
  return new GoError(`rendering template has a nested reference name: ${name}: unable to execute template`)
}

function renderText(
  run: Run,
  cache: TemplateCache,
  { text, data }: { readonly text: string; readonly data: GoValue },
): string {
  if (!text.includes('{{')) return text.replaceAll(noValue, '')
  const set = run.set.derive()
  try {
    set.add(cache.parse(setName, text))
  } catch (cause) {
    if (!(cause instanceof TemplateError)) throw cause
    throw new GoError(`cannot parse template ${quote(text)}: ${cause.message}`, { cause })
  }
  try {
    return run.render(setName, data ?? undefined, set).replaceAll(noValue, '')
  } catch (cause) {
    if (!(cause instanceof TemplateError) || cause.code === 'TEMPLATE_BOUNDS') throw cause
    throw new GoError(`error during tpl function execution for ${quote(text)}: ${cause.message}`, { cause })
  }
}
