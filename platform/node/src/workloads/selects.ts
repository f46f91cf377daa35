import { type LabelSelector, LabelSelectorError, labelMatcher } from '@sluice/ports'

/**
 * Whether the selector selects an object with these labels. An absent selector selects nothing, an empty one all; one that
 * cannot be read, which no API server lets through, nothing.
 */
export function selects(
  selector: LabelSelector | undefined,
  labels: Readonly<Record<string, string>> = {},
): boolean {
  if (!selector) return false
  try {
    return labelMatcher(selector)(labels)
  } catch (error) {
    if (error instanceof LabelSelectorError) return false
    throw error
  }
}
