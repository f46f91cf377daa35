import { badRequest } from '../status/status-error.ts'

/** Whether an object's labels are selected. */
export type LabelMatcher = (labels: Readonly<Record<string, string>>) => boolean

type Token = { readonly text: string; readonly kind: 'word' | 'symbol' | 'end' }

const symbols = ['!=', '==', '=', '!', '(', ')', ',', '>', '<']
const expected = 'in, notin, =, ==, !=, gt, lt'

/**
 * Reads a label selector such as `app=x,tier in (a,b),!old`.
 *
 * Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
 * @returns `undefined` when everything is selected
 * @throws {ApiError} BadRequest in Kubernetes' words.
 */
export function parseLabelSelector(text: string): LabelMatcher | undefined {
  const tokens = tokenize(text)
  const matchers: LabelMatcher[] = []
  let at = 0
  const peek = (): Token => tokens[at] ?? { text: '', kind: 'end' }
  const next = (): Token => {
    const token = peek()
    at += 1
    return token
  }
  if (peek().kind === 'end') return undefined
  while (true) {
    matchers.push(requirement(peek, next))
    const token = next()
    if (token.kind === 'end') break
    if (token.text !== ',') throw badRequest(`found '${token.text}', expected: ',' or 'end of string'`)
    if (peek().kind !== 'word' && peek().text !== '!') {
      throw badRequest(`found '${peek().text}', expected: identifier after ','`)
    }
  }
  const [only] = matchers
  return matchers.length === 1 ? only : (labels) => matchers.every((it) => it(labels))
}

function requirement(peek: () => Token, next: () => Token): LabelMatcher {
  if (peek().text === '!') {
    next()
    const key = labelKey(next())
    return (labels) => !Object.hasOwn(labels, key)
  }
  const key = labelKey(next())
  const operator = peek()
  if (operator.kind === 'end' || operator.text === ',') return (labels) => Object.hasOwn(labels, key)
  next()
  switch (operator.text) {
    case '=':
    case '==': {
      const value = single(peek, next)
      return (labels) => Object.hasOwn(labels, key) && labels[key] === value
    }
    case '!=': {
      const value = single(peek, next)
      return (labels) => !Object.hasOwn(labels, key) || labels[key] !== value
    }
    case 'in': {
      const values = set(peek, next)
      return (labels) => Object.hasOwn(labels, key) && values.has(labels[key] ?? '')
    }
    case 'notin': {
      const values = set(peek, next)
      return (labels) => !Object.hasOwn(labels, key) || !values.has(labels[key] ?? '')
    }
    case 'gt':
    case '>':
    case 'lt':
    case '<':
      return comparison(key, single(peek, next), operator.text === 'gt' || operator.text === '>')
    default:
      throw badRequest(`unable to parse requirement: found '${operator.text}', expected: ${expected}`)
  }
}

function comparison(key: string, value: string, greater: boolean): LabelMatcher {
  if (!/^-?\d+$/.test(value)) {
    throw badRequest(
      `unable to parse requirement: values[0][${key}]: Invalid value: ${JSON.stringify(value)}: for 'Gt', 'Lt' operators, the value must be an integer`,
    )
  }
  const bound = BigInt(value)
  return (labels) => {
    const own = Object.hasOwn(labels, key) ? (labels[key] ?? '') : ''
    if (!/^-?\d+$/.test(own)) return false
    return greater ? BigInt(own) > bound : BigInt(own) < bound
  }
}

function single(peek: () => Token, next: () => Token): string {
  const token = peek()
  if (token.kind === 'end' || token.text === ',') return ''
  if (token.kind !== 'word') {
    throw badRequest(`unable to parse requirement: found '${token.text}', expected: identifier`)
  }
  return labelValue(next().text)
}

function set(peek: () => Token, next: () => Token): ReadonlySet<string> {
  const open = next()
  if (open.text !== '(') throw badRequest(`unable to parse requirement: found '${open.text}' expected: '('`)
  const values = new Set<string>()
  if (peek().text === ')') {
    next()
    return values.add('')
  }
  while (true) {
    const token = peek()
    if (token.kind === 'word') values.add(labelValue(next().text))
    else values.add('')
    const after = next()
    if (after.text === ')') return values
    if (after.text !== ',') {
      throw badRequest(`unable to parse requirement: found '${after.text}', expected: ',' or ')'`)
    }
  }
}

function labelKey(token: Token): string {
  if (token.kind !== 'word') {
    throw badRequest(`unable to parse requirement: found '${token.text}', expected: identifier`)
  }
  const problem = qualifiedNameProblem(token.text)
  if (problem) {
    throw badRequest(
      `unable to parse requirement: key: Invalid value: ${JSON.stringify(token.text)}: ${problem}`,
    )
  }
  return token.text
}

function labelValue(text: string): string {
  const problem = labelValueProblem(text)
  if (problem) {
    throw badRequest(
      `unable to parse requirement: values[0]: Invalid value: ${JSON.stringify(text)}: ${problem}`,
    )
  }
  return text
}

const namePart = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/
const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/

/** Why a text is not a qualified name such as `example.com/name`; `undefined` when it is one. */
export function qualifiedNameProblem(text: string): string | undefined {
  const parts = text.split('/')
  const name = parts.at(-1) ?? ''
  const form =
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
  if (parts.length > 2) {
    return `a qualified name must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`
  }
  if (parts.length === 2) {
    const prefix = parts[0] ?? ''
    if (prefix === '') return 'prefix part must be non-empty'
    if (!subdomain.test(prefix)) {
      return `prefix part a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`
    }
    if (prefix.length > 253) return 'prefix part must be no more than 253 bytes'
  }
  if (name === '') return `name part must be non-empty; ${form}`
  if (name.length > 63) return 'name part must be no more than 63 bytes'
  return namePart.test(name) ? undefined : form
}

/** Why a text cannot be a label's value; `undefined` when it can. */
export function labelValueProblem(text: string): string | undefined {
  if (text.length > 63) return 'must be no more than 63 bytes'
  if (text === '' || namePart.test(text)) return undefined
  return "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  while (at < text.length) {
    const rest = text.slice(at)
    const space = /^\s+/.exec(rest)
    if (space) {
      at += space[0].length
      continue
    }
    const symbol = symbols.find((it) => rest.startsWith(it))
    if (symbol) {
      tokens.push({ text: symbol, kind: 'symbol' })
      at += symbol.length
      continue
    }
    const word = /^[^\s!=(),<>]+/.exec(rest)?.[0] ?? rest
    tokens.push({ text: word, kind: 'word' })
    at += word.length
  }
  return tokens
}
