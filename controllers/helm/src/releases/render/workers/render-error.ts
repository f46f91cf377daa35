import { ChartError, type ChartErrorCode, ValuesError } from '@sluice/chart'
import type { PackedError } from '@sluice/host'
import { ToolkitError } from '@sluice/ports'

/** Rendering failed in a way that makes no difference to releases. The message is that of what went wrong. */
export class RenderError extends ToolkitError {
  override readonly name = 'RenderError'
  override readonly isWhole: boolean

  constructor({ code, message, isWhole }: PackedError, options?: ErrorOptions) {
    super(code ?? 'RENDER_FAILED', message, options)
    this.isWhole = isWhole
  }
}

/** The error that a worker met, of the classes that actions tell apart. */
export function renderError(packed: PackedError): ToolkitError {
  const { name, code, message, cause } = packed
  const options = cause ? { cause: renderError(cause) } : {}
  if (name === 'ValuesError') return new ValuesError(message, options)
  // The codes of a class are what it was made with.
  if (name === 'ChartError') return new ChartError(code as ChartErrorCode, message, options)
  return new RenderError(packed, options)
}
