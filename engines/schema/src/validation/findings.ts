import type { FieldError } from '../errors/field-error.ts'

/** What a validation has found; every sentence is kept once. */
export class Findings {
  readonly errors: FieldError[] = []
  /** How many checks a value has passed, which tells the alternative that fits best. */
  matches = 0
  #seen: Set<string> | undefined

  add(error: FieldError): void {
    this.#seen ??= new Set()
    if (this.#seen.has(error.text)) return
    this.#seen.add(error.text)
    this.errors.push(error)
  }

  merge(other: Findings): void {
    for (const error of other.errors) this.add(error)
    this.matches += other.matches
  }

  /** Forgets all errors but the first `count`. */
  forgetAfter(count: number): void {
    for (const error of this.errors.splice(count)) this.#seen?.delete(error.text)
  }
}
