import { type LabelMatcher, LabelSelectorError } from './label-matcher.ts'
import { labelValueProblem, qualifiedNameProblems } from './label-names.ts'

type Token = {
  readonly text: string
  readonly kind: 'word' | 'symbol' | 'end'
  /** Whether it has to be a name or value of a label. */
  readonly checked: boolean
}

const symbols = ['!=', '==', '=', '!', '(', ')', ',', '>', '<']
const expected = 'in, notin, =, ==, !=, gt, lt'

/**
 * Reads a label selector such as `app=x,tier in (a,b),!old`.
 *
 * Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
 * @returns `undefined` when everything is selected
 * @param checked whether keys and values have to be those of labels; annotations may have any
 * @throws {LabelSelectorError} in Kubernetes' words
 */
export function parseLabelSelector(
  text: string,
  { checked = true }: { readonly checked?: boolean } = {},
): LabelMatcher | undefined {
  const tokens = tokenize(text, checked)
  const matchers: LabelMatcher[] = []
  let at = 0
  const peek = (): Token => tokens[at] ?? { text: '', kind: 'end', checked }
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
    if (token.text !== ',') {
      throw new LabelSelectorError(`found '${token.text}', expected: ',' or 'end of string'`)
    }
    if (peek().kind !== 'word' && peek().text !== '!') {
      throw new LabelSelectorError(`found '${peek().text}', expected: identifier after ','`)
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
      throw new LabelSelectorError(
        `unable to parse requirement: found '${operator.text}', expected: ${expected}`,
      )
  }
}

function comparison(key: string, value: string, greater: boolean): LabelMatcher {
  if (!/^-?\d+$/.test(value)) {
    throw new LabelSelectorError(
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
    throw new LabelSelectorError(`unable to parse requirement: found '${token.text}', expected: identifier`)
  }
  return labelValue(next())
}

function set(peek: () => Token, next: () => Token): ReadonlySet<string> {
  const open = next()
  if (open.text !== '(') {
    throw new LabelSelectorError(`unable to parse requirement: found '${open.text}' expected: '('`)
  }
  const values = new Set<string>()
  if (peek().text === ')') {
    next()
    return values.add('')
  }
  while (true) {
    const token = peek()
    if (token.kind === 'word') values.add(labelValue(next()))
    else values.add('')
    const after = next()
    if (after.text === ')') return values
    if (after.text !== ',') {
      throw new LabelSelectorError(`unable to parse requirement: found '${after.text}', expected: ',' or ')'`)
    }
  }
}

function labelKey(token: Token): string {
  if (token.kind !== 'word') {
    throw new LabelSelectorError(`unable to parse requirement: found '${token.text}', expected: identifier`)
  }
  const problems = token.checked ? qualifiedNameProblems(token.text) : []
  if (problems.length > 0) {
    throw new LabelSelectorError(
      `unable to parse requirement: key: Invalid value: ${JSON.stringify(token.text)}: ${problems.join('; ')}`,
    )
  }
  return token.text
}

function labelValue({ text, checked }: Token): string {
  const problem = checked ? labelValueProblem(text) : undefined
  if (problem) {
    throw new LabelSelectorError(
      `unable to parse requirement: values[0]: Invalid value: ${JSON.stringify(text)}: ${problem}`,
    )
  }
  return text
}

function tokenize(text: string, checked: boolean): Token[] {
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
      tokens.push({ text: symbol, kind: 'symbol', checked })
      at += symbol.length
      continue
    }
    const word = /^[^\s!=(),<>]+/.exec(rest)?.[0] ?? rest
    tokens.push({ text: word, kind: 'word', checked })
    at += word.length
  }
  return tokens
}
