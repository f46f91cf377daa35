import { CelType, dynType, isDyn, isDynOrError, sameType } from '../types/cel-type.ts'

/** What type variables stand for. Failed attempts to unify leave no trace. */
export class Substitution {
  readonly #types: Map<string, CelType> = new Map()
  readonly #trail: { readonly name: string; readonly before: CelType | undefined }[] = []

  /** Whether a value of `given` can go where `wanted` is asked for; variables are bound as needed. */
  isAssignable(wanted: CelType, given: CelType): boolean {
    const mark = this.#trail.length
    if (this.#assign(wanted, given)) return true
    this.#undo(mark)
    return false
  }

  areAssignable(wanted: readonly CelType[], given: readonly CelType[]): boolean {
    const mark = this.#trail.length
    if (this.#assignAll(wanted, given)) return true
    this.#undo(mark)
    return false
  }

  /** The type with its variables replaced; those that stand for nothing become `dyn` when asked. */
  apply(type: CelType, { freeToDyn }: { readonly freeToDyn: boolean }): CelType {
    if (type.kind === 'param') {
      const bound = this.#types.get(type.name)
      if (bound) return this.apply(bound, { freeToDyn })
      return freeToDyn ? dynType : type
    }
    if (type.parameters.length === 0) return type
    const parameters = type.parameters.map((parameter) => this.apply(parameter, { freeToDyn }))
    const isSame = parameters.every((parameter, index) => parameter === type.parameters[index])
    return isSame ? type : new CelType(type.kind, type.name, parameters)
  }

  #undo(mark: number): void {
    while (this.#trail.length > mark) {
      const entry = this.#trail.pop()
      if (!entry) return
      if (entry.before === undefined) this.#types.delete(entry.name)
      else this.#types.set(entry.name, entry.before)
    }
  }

  #bind(variable: CelType, type: CelType): void {
    this.#trail.push({ name: variable.name, before: this.#types.get(variable.name) })
    this.#types.set(variable.name, type)
  }

  #assignAll(a: readonly CelType[], b: readonly CelType[]): boolean {
    if (a.length !== b.length) return false
    return a.every((type, index) => {
      const other = b[index]
      return other !== undefined && this.#assign(type, other)
    })
  }

  #assign(a: CelType, b: CelType): boolean {
    if (b.kind === 'param') {
      const found = this.#substitute(a, b)
      if (found.isValid) return true
      if (found.wasBound) return false
    }
    if (a.kind === 'param') return this.#substitute(b, a).isValid
    if (isDynOrError(a) || isDynOrError(b)) return true
    if (a.kind === 'null') return isNullable(b)
    if (b.kind === 'null') return isNullable(a)
    if (a.kind === 'type') return b.kind === 'type'
    if (a.kind !== b.kind || a.name !== b.name) return false
    return !hasParts(a) || this.#assignAll(a.parameters, b.parameters)
  }

  /** Whether the variable may stand for the type; it is bound to it, or to the more general of both. */
  #substitute(type: CelType, variable: CelType): { readonly isValid: boolean; readonly wasBound: boolean } {
    if (sameType(type, variable)) return { isValid: true, wasBound: true }
    const bound = this.#types.get(variable.name)
    if (!bound) {
      if (!this.#isFreeOf(variable, type)) return { isValid: false, wasBound: false }
      this.#bind(variable, type)
      return { isValid: true, wasBound: false }
    }
    if (sameType(type, bound)) return { isValid: true, wasBound: true }
    if (!this.#assign(type, bound)) return { isValid: false, wasBound: true }
    const general = mostGeneral(type, bound)
    if (this.#isFreeOf(variable, general)) this.#bind(variable, general)
    return { isValid: true, wasBound: true }
  }

  #isFreeOf(variable: CelType, type: CelType): boolean {
    if (sameType(variable, type)) return false
    if (type.kind === 'param') {
      const bound = this.#types.get(type.name)
      return !bound || this.#isFreeOf(variable, bound)
    }
    return type.parameters.every((parameter) => this.#isFreeOf(variable, parameter))
  }
}

/** The one of two types that says less. */
export function mostGeneral(a: CelType, b: CelType): CelType {
  return isNoMoreSpecific(a, b) ? a : b
}

function isNoMoreSpecific(a: CelType, b: CelType): boolean {
  if (isDyn(a) || a.kind === 'param') return true
  if (isDyn(b) || b.kind === 'param') return false
  if (a.kind !== b.kind) return false
  if (a.kind === 'type') return true
  if (!hasParts(a)) return sameType(a, b)
  return (
    a.name === b.name &&
    a.parameters.length === b.parameters.length &&
    a.parameters.every((parameter, index) => isNoMoreSpecific(parameter, b.parameters[index] ?? dynType))
  )
}

/** Whether values of other parameters are values of another type. */
function hasParts({ kind }: CelType): boolean {
  return kind === 'opaque' || kind === 'list' || kind === 'map'
}

function isNullable({ kind }: CelType): boolean {
  return (
    kind === 'null' || kind === 'opaque' || kind === 'object' || kind === 'timestamp' || kind === 'duration'
  )
}
