import type { JsonValue } from '@sluice/ports'

type Step =
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'slice'; readonly start: number; readonly end: number | undefined }
  | { readonly kind: 'all' }
  | {
      readonly kind: 'filter'
      readonly path: readonly Step[]
      readonly operator: string
      readonly value: JsonValue
    }

const parsed = new Map<string, readonly Step[] | undefined>()
const maxCached = 1_000

/**
 * Values at a simple JSON path such as `.status.conditions[?(@.type=="Ready")].status`.
 *
 * Source: https://kubernetes.io/docs/reference/kubectl/jsonpath/, the subset that columns and scale paths use.
 */
export function jsonPathValues(object: unknown, path: string): JsonValue[] {
  if (!parsed.has(path)) {
    if (parsed.size >= maxCached) parsed.clear()
    parsed.set(path, parse(path))
  }
  const steps = parsed.get(path)
  return steps ? walk([object as JsonValue], steps) : []
}

/** Whether a path is one that {@link jsonPathValues} understands. */
export function isJsonPath(path: string): boolean {
  return parse(path) !== undefined
}

function walk(values: readonly JsonValue[], steps: readonly Step[]): JsonValue[] {
  let current = [...values]
  for (const step of steps) current = current.flatMap((value) => take(value, step))
  return current
}

function take(value: JsonValue, step: Step): JsonValue[] {
  const isList = Array.isArray(value)
  switch (step.kind) {
    case 'field': {
      if (typeof value !== 'object' || value === null || isList) return []
      const found = Object.hasOwn(value, step.name)
        ? (value as { readonly [name: string]: JsonValue | undefined })[step.name]
        : undefined
      return found === undefined ? [] : [found]
    }
    case 'index': {
      const found = isList ? (value as readonly JsonValue[]).at(step.index) : undefined
      return found === undefined ? [] : [found]
    }
    case 'slice':
      return isList ? (value as readonly JsonValue[]).slice(step.start, step.end) : []
    case 'all':
      return typeof value === 'object' && value !== null ? (Object.values(value) as JsonValue[]) : []
    case 'filter':
      return isList ? (value as readonly JsonValue[]).filter((item) => matches(item, step)) : []
  }
}

function matches(item: JsonValue, { path, operator, value }: Extract<Step, { kind: 'filter' }>): boolean {
  const [found] = walk([item], path)
  if (operator === '') return found !== undefined
  if (found === undefined) return false
  if (operator === '==') return found === value
  if (operator === '!=') return found !== value
  if (typeof found !== typeof value || found === null || value === null) return false
  switch (operator) {
    case '<':
      return found < value
    case '<=':
      return found <= value
    case '>':
      return found > value
    default:
      return found >= value
  }
}

function parse(path: string): readonly Step[] | undefined {
  const steps: Step[] = []
  let rest = path.startsWith('$') ? path.slice(1) : path
  while (rest !== '') {
    const match =
      /^\.?\[\?\((@[^=!<>]*?)\s*(?:(==|!=|<=|>=|<|>)\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^)]+?))?\s*\)\]/.exec(
        rest,
      ) ??
      /^\.?\['((?:[^'\\]|\\.)*)'\]/.exec(rest) ??
      /^\.?\[(\*|-?\d*:-?\d*|-?\d+)\]/.exec(rest) ??
      /^\.((?:[^.[\\]|\\.)+)/.exec(rest)
    if (!match) return rest === '.' ? steps : undefined
    const step = stepOf(match[0], match)
    if (!step) return undefined
    steps.push(step)
    rest = rest.slice(match[0].length)
  }
  return steps
}

function stepOf(
  text: string,
  [, first = '', operator = '', value = '']: readonly (string | undefined)[],
): Step | undefined {
  if (text.includes('[?(')) {
    const path = parse(first.slice(1))
    return path && { kind: 'filter', path, operator, value: literal(value) }
  }
  if (/^\.?\['/.test(text)) return { kind: 'field', name: first.replaceAll(/\\(.)/g, '$1') }
  if (/^\.?\[/.test(text)) {
    if (first === '*') return { kind: 'all' }
    if (!first.includes(':')) return { kind: 'index', index: Number(first) }
    const [start = '', end = ''] = first.split(':')
    return { kind: 'slice', start: Number(start), end: end === '' ? undefined : Number(end) }
  }
  return first === '*' ? { kind: 'all' } : { kind: 'field', name: first.replaceAll(/\\(.)/g, '$1') }
}

function literal(text: string): JsonValue {
  const quoted = /^(["'])(.*)\1$/s.exec(text)
  if (quoted) return (quoted[2] ?? '').replaceAll(/\\(.)/g, '$1')
  if (text === 'true' || text === 'false') return text === 'true'
  return text !== '' && !Number.isNaN(Number(text)) ? Number(text) : text
}
