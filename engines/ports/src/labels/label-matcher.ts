import { ToolkitError } from '../errors.ts'

/** Whether labels are selected. */
export type LabelMatcher = (labels: Readonly<Record<string, string>>) => boolean

/** A selector of labels cannot be read; the message is Kubernetes' own. */
export class LabelSelectorError extends ToolkitError {
  override readonly name = 'LabelSelectorError'

  constructor(message: string) {
    super('LABEL_SELECTOR_INVALID', message)
  }
}
