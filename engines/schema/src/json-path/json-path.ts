import { formatFloat } from '@sluice/go'
import { showValue } from '../errors/field-error.ts'
import { type Evaluation, follow } from './evaluate.ts'
import { parseTemplate } from './parse.ts'
import type { Part } from './step.ts'

/** A template of kubectl's JSONPath, read once. */
export class JsonPath {
  readonly #parts: readonly Part[]
  readonly #run: Evaluation

  /**
   * @param template paths in braces with text between them, such as `{.metadata.name}`
   * @throws {JsonPathError} when it cannot be read
   */
  constructor(template: string, { allowMissingKeys = true }: Partial<Evaluation> = {}) {
    this.#parts = parseTemplate(template)
    this.#run = { allowMissingKeys }
  }

  /**
   * The values that each path finds, in the order of the template; texts of the template are values as well.
   *
   * @throws {JsonPathError} when the data does not fit
   */
  find(data: unknown): readonly (readonly unknown[])[] {
    const found: (readonly unknown[])[] = []
    this.#collect(found, this.#parts, data)
    return found
  }

  /**
   * The template filled in, as `kubectl get -o jsonpath` prints it.
   *
   * @throws {JsonPathError} when the data does not fit
   */
  print(data: unknown): string {
    return this.find(data)
      .map((values) => values.map(printValue).join(' '))
      .join('')
  }

  #collect(found: (readonly unknown[])[], parts: readonly Part[], data: unknown): void {
    for (const part of parts) {
      const values = follow(this.#run, [data], part.steps)
      if (part.kind === 'path') found.push(values)
      else for (const value of values) this.#collect(found, part.body, value)
    }
  }
}

/** A value as kubectl prints it: objects and lists as JSON, all else as plain text. */
export function printValue(value: unknown): string {
  if (typeof value === 'string') return value
  if (value === null || value === undefined) return 'null'
  if (typeof value === 'number' && !Number.isInteger(value)) return formatFloat(value, 'g', -1)
  return showValue(value)
}
