/** One step of a path. Every step makes new values out of those before it. */
export type Step =
  | { readonly kind: 'literal'; readonly value: string | number | boolean; readonly isFloat: boolean }
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'slice'; readonly start: Bound; readonly end: Bound; readonly step: Bound }
  | { readonly kind: 'wildcard' }
  | { readonly kind: 'descent' }
  | { readonly kind: 'union'; readonly paths: readonly (readonly Step[])[] }
  | Filter
  | { readonly kind: 'word'; readonly word: string }

export type Filter = {
  readonly kind: 'filter'
  readonly left: readonly Step[]
  readonly right: readonly Step[]
  /** A comparison, or `exists`. */
  readonly operator: string
}

/** A number of a slice; `undefined` where none was given. */
export type Bound = number | undefined

/** A part of a template: text, a path, or a path whose values a part is repeated for. */
export type Part =
  | { readonly kind: 'path'; readonly steps: readonly Step[] }
  | { readonly kind: 'range'; readonly steps: readonly Step[]; readonly body: readonly Part[] }
