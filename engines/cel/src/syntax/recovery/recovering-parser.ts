import type { IssueList } from '../source.ts'
import { type Token, type TokenKind, tokenKinds } from '../token.ts'
import { choose } from './choose.ts'
import type { RuleName } from './grammar.ts'
import { buildNetwork, type Edge, LookaheadTable, type Network, type State } from './network.ts'
import type { TreeNode } from './tree.ts'

const maxDepth = 250
const maxRecoveries = 30
const maxSkipped = 256
const maxIssues = 100

/** Ends reading; what there is to say has been said. */
export class GiveUp extends Error {}

/** Ends the rule that is being read; recovery goes on from there. */
class SyntaxFailure extends Error {
  readonly state: State
  /** Set when no alternative was possible: the first token of the choice. */
  readonly choiceStart: Token | undefined

  constructor(state: State, choiceStart?: Token) {
    super('syntax error')
    this.state = state
    this.choiceStart = choiceStart
  }
}

/**
 * Reads tokens that may hold errors, tells what was expected where, and goes on after each error in the way that
 * ANTLR's default strategy does, so that messages are the ones that users of CEL know.
 *
 * Source: https://www.antlr.org/api/Java/org/antlr/v4/runtime/DefaultErrorStrategy.html
 */
export class RecoveringParser {
  readonly #tokens: readonly Token[]
  readonly #issues: IssueList
  readonly #network: Network = buildNetwork()
  readonly #lookahead: LookaheadTable = new LookaheadTable(this.#network)
  readonly #depths: Map<RuleName, number> = new Map()
  #at = 0
  #isRecovering = false
  #lastErrorAt = -1
  #lastErrorStates: Set<State> = new Set()
  #recoveries = 0
  #issueCount = 0

  constructor(tokens: readonly Token[], issues: IssueList) {
    this.#tokens = tokens
    this.#issues = issues
  }

  /** @throws {GiveUp} when a limit is reached */
  parse(): TreeNode {
    return this.#readRule('start', { parent: undefined, follow: undefined, precedence: 0 })
  }

  #peek(distance: number): Token {
    return this.#tokens[Math.min(this.#at + distance, this.#tokens.length - 1)] ?? endToken
  }

  #readRule(name: RuleName, place: Pick<TreeNode, 'parent' | 'follow' | 'precedence'>): TreeNode {
    const depth = (this.#depths.get(name) ?? 0) + 1
    if (depth > maxDepth) {
      this.#issues.report(-1, `expression recursion limit exceeded: ${maxDepth}`)
      throw new GiveUp()
    }
    this.#depths.set(name, depth)
    const rule = this.#network.get(name)
    const node: TreeNode = { rule: name, name: undefined, start: this.#peek(0), labels: new Map(), ...place }
    if (!rule) return node
    const run: RuleRun = { node, current: node }
    try {
      for (let state = rule.start; state !== rule.stop; ) state = this.#step(run, state)
    } catch (error) {
      if (!(error instanceof SyntaxFailure)) throw error
      this.#reportFailure(run.current, error)
      this.#recover(run.current, error.state)
    }
    this.#depths.set(name, depth - 1)
    return run.current
  }

  /** Takes one edge and gives the state behind it. */
  #step(run: RuleRun, state: State): State {
    const edge = this.#chooseEdge(run, state)
    switch (edge.kind) {
      case 'free':
        return edge.to
      case 'name':
        if (run.current.name !== undefined || isLeftRecursive(run.node.rule)) this.#wrap(run)
        run.current.name = edge.name
        return edge.to
      case 'precedence':
        this.#wrap(run)
        return edge.to
      case 'token':
        record(run.current, edge.label, this.#match(run.current, state, edge))
        return edge.to
      case 'rule': {
        const { precedence, to: follow } = edge
        const inner = this.#readRule(edge.rule, { parent: run.current, follow, precedence })
        record(run.current, edge.label, inner)
        return edge.to
      }
    }
  }

  /** What was read so far becomes the left part of a new node of the same rule. */
  #wrap(run: RuleRun): void {
    const { parent, follow, precedence, rule, start } = run.node
    const wrapped: TreeNode = { rule, name: undefined, start, labels: new Map(), parent, follow, precedence }
    record(wrapped, 'left', run.current)
    run.current = wrapped
  }

  #chooseEdge(run: RuleRun, state: State): Edge {
    if (state.kind !== 'basic') this.#sync(run.current, state)
    const [first, second] = state.edges
    if (!first) throw new SyntaxFailure(state)
    if (!second) return first
    const chosen = state.choice && choose(state.choice, (distance) => this.#peek(distance).kind)
    if (chosen && 'failsAt' in chosen) {
      const choiceStart = this.#peek(0)
      throw new SyntaxFailure(state, choiceStart)
    }
    if (chosen) return state.edges[chosen.alternative] ?? first
    const fitting = state.edges.find((edge) => this.#fits(run, edge.to))
    if (fitting) return fitting
    const exit = state.edges.at(-1)
    if (exit && state.kind !== 'block') return exit
    throw new SyntaxFailure(state, this.#peek(0))
  }

  /** Whether the next token may begin what is at a state. */
  #fits(run: RuleRun, state: State): boolean {
    const [edge] = state.edges
    if (edge?.kind === 'precedence' && edge.precedence < run.node.precedence) return false
    if (state.kind === 'block' && state.edges.some((it) => it.to.edges[0]?.kind === 'precedence')) {
      return state.edges.some((it) => this.#fits(run, it.to))
    }
    return this.#lookahead.at(state).kinds.has(this.#peek(0).kind)
  }

  /** Before a decision: skips or complains when the next token cannot come here. */
  #sync(node: TreeNode, state: State): void {
    if (this.#isRecovering) return
    const { kinds, isOpen } = this.#lookahead.at(state)
    if (isOpen || kinds.has(this.#peek(0).kind)) return
    if (state.kind === 'loopBack') {
      this.#reportUnwanted(node, state)
      const stop = new Set([...this.#expected(node, state), ...this.#recoverySet(node)])
      this.#skipTo(stop, { skipped: 0 })
      return
    }
    if (this.#deleteToken(node, state)) return
    throw new SyntaxFailure(state)
  }

  #match(node: TreeNode, state: State, edge: Extract<Edge, { kind: 'token' }>): Token {
    const token = this.#peek(0)
    if (edge.kinds.includes(token.kind)) {
      this.#endRecovery()
      this.#consume()
      return token
    }
    this.#countRecovery()
    const deleted = this.#deleteToken(node, state)
    if (deleted) {
      const matched = this.#peek(0)
      this.#consume()
      return matched
    }
    if (this.#nextInContext(node, edge.to).has(token.kind)) {
      this.#reportMissing(node, state)
      return this.#missingToken(edge.kinds)
    }
    throw new SyntaxFailure(state)
  }

  /** Drops the next token when the one after it is what is expected. */
  #deleteToken(node: TreeNode, state: State): boolean {
    if (!this.#expected(node, state).has(this.#peek(1).kind)) return false
    this.#reportUnwanted(node, state)
    this.#consume()
    this.#endRecovery()
    return true
  }

  #missingToken(kinds: readonly TokenKind[]): Token {
    const [kind = 'EOF'] = kinds
    const before = this.#tokens[this.#at - 1]
    const at = this.#peek(0).kind === 'EOF' && before ? before : this.#peek(0)
    return { kind, text: `<missing ${describeKind(kind)}>`, offset: at.offset }
  }

  #reportFailure(node: TreeNode, { state, choiceStart }: SyntaxFailure): void {
    if (this.#isRecovering) return
    this.#isRecovering = true
    const token = this.#peek(0)
    if (!choiceStart) {
      const expected = describeKinds(this.#expected(node, state))
      this.#report(token, `mismatched input ${describeToken(token)} expecting ${expected}`)
      return
    }
    const chosen = state.choice && choose(state.choice, (distance) => this.#peek(distance).kind)
    const offending = this.#peek(chosen && 'failsAt' in chosen ? chosen.failsAt : 0)
    this.#reportNoAlternative(choiceStart, offending)
  }

  #reportNoAlternative(start: Token, offending: Token): void {
    const { codePoints } = this.#issues.source
    const end =
      offending.kind === 'EOF' ? codePoints.length : offending.offset + Array.from(offending.text).length
    const text = start.kind === 'EOF' ? '<EOF>' : codePoints.slice(start.offset, end).join('')
    const reserved = /^.(true|false|null)$/s.exec(text)
    this.#report(
      offending,
      reserved
        ? `mismatched input '${reserved[1]}' expecting IDENTIFIER`
        : `no viable alternative at input ${quoteText(text)}`,
    )
  }

  #reportUnwanted(node: TreeNode, state: State): void {
    if (this.#isRecovering) return
    this.#isRecovering = true
    const token = this.#peek(0)
    const expected = describeKinds(this.#expected(node, state))
    this.#report(token, `extraneous input ${describeToken(token)} expecting ${expected}`)
  }

  #reportMissing(node: TreeNode, state: State): void {
    if (this.#isRecovering) return
    this.#isRecovering = true
    const token = this.#peek(0)
    const expected = describeKinds(this.#expected(node, state))
    this.#report(token, `missing ${expected} at ${describeToken(token)}`)
  }

  #report({ offset }: Token, message: string): void {
    if (this.#issueCount >= maxIssues) {
      this.#issues.report(offset, `Syntax error: More than ${maxIssues} syntax errors`)
      throw new GiveUp()
    }
    this.#issueCount++
    this.#issues.report(offset, `Syntax error: ${message}`)
  }

  /** After a failed rule: skips to a token that a rule around it is waiting for. */
  #recover(node: TreeNode, state: State): void {
    this.#countRecovery()
    const budget = { skipped: 0 }
    if (this.#lastErrorAt === this.#at && this.#lastErrorStates.has(state)) this.#skip(budget)
    this.#lastErrorAt = this.#at
    this.#lastErrorStates.add(state)
    this.#skipTo(this.#recoverySet(node), budget)
  }

  #countRecovery(): void {
    if (this.#recoveries >= maxRecoveries) {
      this.#report(this.#peek(0), `error recovery attempt limit exceeded: ${maxRecoveries}`)
      throw new GiveUp()
    }
    this.#recoveries++
  }

  #skipTo(kinds: ReadonlySet<TokenKind>, budget: { skipped: number }): void {
    while (this.#peek(0).kind !== 'EOF' && !kinds.has(this.#peek(0).kind)) this.#skip(budget)
  }

  #skip(budget: { skipped: number }): void {
    if (budget.skipped >= maxSkipped) {
      this.#issues.report(-1, `error recovery token lookahead limit exceeded: ${maxSkipped}`)
      throw new GiveUp()
    }
    budget.skipped++
    this.#consume()
  }

  #consume(): void {
    if (this.#peek(0).kind !== 'EOF') this.#at++
  }

  #endRecovery(): void {
    this.#isRecovering = false
    this.#lastErrorAt = -1
    this.#lastErrorStates = new Set()
  }

  /** What may come at a state, looking beyond the rule's end only where the rule may end there. */
  #expected(node: TreeNode, state: State): ReadonlySet<TokenKind> {
    return this.#nextInContext(node, state)
  }

  #nextInContext(node: TreeNode, state: State): ReadonlySet<TokenKind> {
    const kinds = new Set<TokenKind>()
    let lookahead = this.#lookahead.at(state)
    for (let at: TreeNode | undefined = node; ; at = at.parent) {
      for (const kind of lookahead.kinds) kinds.add(kind)
      if (!lookahead.isOpen) return kinds
      if (!at.follow || !at.parent) break
      lookahead = this.#lookahead.at(at.follow)
    }
    kinds.add('EOF')
    return kinds
  }

  #recoverySet(node: TreeNode): ReadonlySet<TokenKind> {
    const kinds = new Set<TokenKind>()
    for (let at: TreeNode | undefined = node; at?.follow; at = at.parent) {
      for (const kind of this.#lookahead.at(at.follow).kinds) kinds.add(kind)
    }
    return kinds
  }
}

/** The node that a rule began with, and the one that it has come to. */
type RuleRun = { readonly node: TreeNode; current: TreeNode }

const endToken: Token = { kind: 'EOF', text: '<EOF>', offset: 0 }

function isLeftRecursive(rule: RuleName): boolean {
  return rule === 'member'
}

function record(node: TreeNode, label: string | undefined, value: Token | TreeNode): void {
  if (label === undefined) return
  const known = node.labels.get(label)
  if (known) known.push(value)
  else node.labels.set(label, [value])
}

function describeToken({ kind, text }: Token): string {
  return kind === 'EOF' ? "'<EOF>'" : quoteText(text)
}

function quoteText(text: string): string {
  return `'${text.replaceAll('\t', '\\t').replaceAll('\n', '\\n').replaceAll('\r', '\\r')}'`
}

function describeKinds(kinds: ReadonlySet<TokenKind>): string {
  const names = [...kinds].toSorted((a, b) => orderOf(a) - orderOf(b)).map(describeKind)
  return names.length === 1 ? (names[0] ?? '') : `{${names.join(', ')}}`
}

function orderOf(kind: TokenKind): number {
  return kind === 'EOF' ? -1 : tokenKinds.indexOf(kind)
}

function describeKind(kind: TokenKind): string {
  if (kind === 'EOF') return '<EOF>'
  return /^[A-Z_]+$/.test(kind) ? kind : `'${kind}'`
}
