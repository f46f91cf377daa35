import { ToolkitError } from '@sluice/ports'

/** Where a template failed: while it was read, while it ran, or because it asked for more than it may have. */
export type TemplateErrorCode = 'TEMPLATE_PARSE' | 'TEMPLATE_EXEC' | 'TEMPLATE_BOUNDS'

/** A template failed. The message is Go's text with its position, such as `template: t:1:3: executing "t" at <.x>: …`. */
export class TemplateError extends ToolkitError {
  override readonly name: string = 'TemplateError'
  override readonly isWhole = true

  constructor(code: TemplateErrorCode, message: string, options?: ErrorOptions) {
    super(code, message, options)
  }
}
