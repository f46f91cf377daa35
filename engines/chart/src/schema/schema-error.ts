import { ToolkitError } from '@sluice/ports'

/** A schema that cannot be used at all. */
export class SchemaError extends ToolkitError {
  override readonly name = 'SchemaError'
  override readonly isWhole = true

  constructor(message: string, options?: ErrorOptions) {
    super('CHART_SCHEMA', message, options)
  }
}
