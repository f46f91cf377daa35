import {
  CelCompileError,
  CelCostError,
  CelError,
  CelProgramError,
  type CelType,
  type CelValue,
  check,
  compileUnchecked,
  dynType,
  type Environment,
  fluxEnvironment,
  fromJson,
  type JsonNumbers,
  mapType,
  Program,
  stringType,
} from '@sluice/cel'
import { ToolkitError } from '@sluice/ports'

/** An expression of a user that is wrong, or that failed for the given data. The message is Flux's. */
export class ExpressionError extends ToolkitError {
  override readonly name = 'ExpressionError'
  /** Whether the expression itself is wrong, so that trying again with other data is of no use. */
  readonly isInvalid: boolean

  constructor(code: 'EXPRESSION_INVALID' | 'EXPRESSION_FAILED', message: string, options?: ErrorOptions) {
    super(code, message, options)
    this.isInvalid = code === 'EXPRESSION_INVALID'
  }
}

/** Data by the name of a variable: JSON objects as they come from the API server. */
export type ExpressionData = Readonly<Record<string, unknown>>

export type ExpressionOptions = {
  /** Variables that hold JSON objects, in which all numbers are doubles. Without them nothing is type-checked. */
  readonly variables?: readonly string[]
  readonly outType?: CelType
}

/** An expression in the environment that Flux gives to its users, compiled once. */
export class Expression {
  readonly text: string
  readonly #program: Program
  readonly #numbers: JsonNumbers

  /** @throws {ExpressionError} when the expression is wrong */
  constructor(text: string, { variables, outType }: ExpressionOptions = {}) {
    this.text = text
    this.#numbers = variables ? 'double' : 'int-or-double'
    this.#program = variables ? compileChecked(text, variables, outType) : compileLoosely(text)
  }

  /** @throws {ExpressionError} when it fails, costs too much or is not boolean */
  evaluateBoolean(data: ExpressionData): boolean {
    const value = this.#evaluate(data)
    if (typeof value === 'boolean') return value
    throw new ExpressionError(
      'EXPRESSION_FAILED',
      `failed to evaluate CEL expression as boolean: '${this.text}'`,
    )
  }

  /** @throws {ExpressionError} when it fails, costs too much or is not a string */
  evaluateString(data: ExpressionData): string {
    const value = this.#evaluate(data)
    if (typeof value === 'string') return value
    throw new ExpressionError(
      'EXPRESSION_FAILED',
      `failed to evaluate CEL expression as string: '${this.text}'`,
    )
  }

  #evaluate(data: ExpressionData): CelValue {
    const variable = (name: string): CelValue | undefined => {
      const value = Object.hasOwn(data, name) ? data[name] : undefined
      return value === undefined ? undefined : fromJson(value, this.#numbers)
    }
    try {
      const value = this.#program.evaluate(variable)
      if (value instanceof CelError) throw this.#failure(value.message)
      return value
    } catch (error) {
      if (error instanceof CelCostError) throw this.#failure(error.message)
      throw error
    }
  }

  #failure(message: string): ExpressionError {
    return new ExpressionError(
      'EXPRESSION_FAILED',
      `failed to evaluate the CEL expression '${this.text}': ${message}`,
    )
  }
}

const environment: Environment = fluxEnvironment()
const structType = mapType(stringType, dynType)

function compileChecked(text: string, names: readonly string[], outType: CelType | undefined): Program {
  const variables = new Map(names.map((name) => [name, structType]))
  const extended = environment.extend({ variables })
  const checked = orInvalid(text, () => check(extended, text))
  const wanted = outType?.toString()
  const given = checked.outType.toString()
  if (wanted !== undefined && wanted !== given) {
    throw new ExpressionError(
      'EXPRESSION_INVALID',
      `CEL expression output type mismatch: expected ${wanted}, got ${given}`,
    )
  }
  return orInvalid(text, () => new Program(extended, checked.expression, checked))
}

function compileLoosely(text: string): Program {
  return orInvalid(text, () => compileUnchecked(environment, text))
}

/** Runs a step of compiling, with its errors in Flux's words. */
function orInvalid<T>(text: string, step: () => T): T {
  try {
    return step()
  } catch (error) {
    const message =
      error instanceof CelCompileError
        ? `failed to parse the CEL expression '${text}': ${error.message}`
        : error instanceof CelProgramError
          ? `failed to create CEL program: ${error.message}`
          : undefined
    if (message === undefined) throw error
    throw new ExpressionError('EXPRESSION_INVALID', message)
  }
}
