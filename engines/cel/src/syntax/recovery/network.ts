import type { TokenKind } from '../token.ts'
import { type Choice, type Element, grammar, type RuleName } from './grammar.ts'

/**
 * The grammar as a network of states, as ANTLR builds it: what may come next at a state decides what an error
 * message lists and where reading goes on after an error.
 *
 * Source: https://www.antlr.org/papers/allstar-techreport.pdf, section 5
 */
export type State = {
  readonly id: number
  readonly kind: 'basic' | 'stop' | 'block' | 'optional' | 'loop' | 'loopBack'
  /** Where several alternatives begin: how to choose among them. */
  choice: Choice | undefined
  readonly edges: Edge[]
}

export type Edge =
  | { readonly kind: 'free'; readonly to: State }
  | {
      readonly kind: 'token'
      readonly to: State
      readonly kinds: readonly TokenKind[]
      readonly label: string | undefined
    }
  | {
      readonly kind: 'rule'
      readonly to: State
      readonly rule: RuleName
      readonly precedence: number
      readonly label: string | undefined
    }
  | { readonly kind: 'precedence'; readonly to: State; readonly precedence: number }
  /** Names the alternative that begins here. */
  | { readonly kind: 'name'; readonly to: State; readonly name: string }

export type Rule = { readonly name: RuleName; readonly start: State; readonly stop: State }
export type Network = ReadonlyMap<RuleName, Rule>

/** What may come next. `isOpen` tells that the rule may also end here. */
export type Lookahead = { readonly kinds: ReadonlySet<TokenKind>; readonly isOpen: boolean }

export function buildNetwork(): Network {
  const rules = new Map<RuleName, Rule>()
  let nextId = 0
  const state = (kind: State['kind'] = 'basic', choice?: Choice): State => ({
    id: nextId++,
    kind,
    choice,
    edges: [],
  })
  for (const name of grammar.keys()) rules.set(name, { name, start: state(), stop: state('stop') })
  for (const [name, element] of grammar) {
    const rule = rules.get(name)
    if (rule) rule.start.edges.push({ kind: 'free', to: attach(element, rule.stop, state) })
  }
  return rules
}

type NewState = (kind?: State['kind'], choice?: Choice) => State

/** Adds an element in front of `next` and gives the state where it begins. */
function attach(element: Element, next: State, state: NewState): State {
  switch (element.kind) {
    case 'token': {
      const from = state()
      from.edges.push({ kind: 'token', to: next, kinds: element.kinds, label: element.label })
      return from
    }
    case 'rule': {
      const from = state()
      const { rule, precedence, label } = element
      from.edges.push({ kind: 'rule', to: next, rule, precedence, label })
      return from
    }
    case 'precedence': {
      const from = state()
      from.edges.push({ kind: 'precedence', to: next, precedence: element.precedence })
      return from
    }
    case 'sequence': {
      const first = element.elements.reduceRight((after, it) => attach(it, after, state), next)
      if (element.name === undefined) return first
      const from = state()
      from.edges.push({ kind: 'name', to: first, name: element.name })
      return from
    }
    case 'choice': {
      const block = state('block', element.choice)
      for (const it of element.alternatives) block.edges.push({ kind: 'free', to: attach(it, next, state) })
      return block
    }
    case 'optional': {
      const block = state('optional')
      block.edges.push({ kind: 'free', to: attach(element.element, next, state) }, { kind: 'free', to: next })
      return block
    }
    case 'star': {
      const entry = state('loop', element.choice)
      const back = state('loopBack')
      back.edges.push({ kind: 'free', to: entry })
      entry.edges.push({ kind: 'free', to: attach(element.element, back, state) }, { kind: 'free', to: next })
      return entry
    }
    case 'plus': {
      const back = state('loopBack', element.choice)
      const first = attach(element.element, back, state)
      const block = state('block')
      block.edges.push({ kind: 'free', to: first })
      back.edges.push({ kind: 'free', to: first }, { kind: 'free', to: next })
      return block
    }
  }
}

/** The tokens that may come at a state within its rule, computed once a state. */
export class LookaheadTable {
  readonly #network: Network
  readonly #known: Map<State, Lookahead> = new Map()

  constructor(network: Network) {
    this.#network = network
  }

  at(state: State): Lookahead {
    const known = this.#known.get(state)
    if (known) return known
    const kinds = new Set<TokenKind>()
    const isOpen = this.#collect(state, kinds, new Set())
    const lookahead = { kinds, isOpen }
    this.#known.set(state, lookahead)
    return lookahead
  }

  /** Adds to `kinds` what may come; tells whether the end of the rule can be reached without a token. */
  #collect(state: State, kinds: Set<TokenKind>, seen: Set<State>): boolean {
    if (state.kind === 'stop') return true
    if (seen.has(state)) return false
    seen.add(state)
    let isOpen = false
    for (const edge of state.edges) {
      if (edge.kind === 'token') for (const kind of edge.kinds) kinds.add(kind)
      else if (edge.kind !== 'rule') isOpen = this.#collect(edge.to, kinds, seen) || isOpen
      else if (this.#enter(edge.rule, kinds, seen)) isOpen = this.#collect(edge.to, kinds, seen) || isOpen
    }
    return isOpen
  }

  #enter(name: RuleName, kinds: Set<TokenKind>, seen: Set<State>): boolean {
    const rule = this.#network.get(name)
    return rule !== undefined && this.#collect(rule.start, kinds, seen)
  }
}
