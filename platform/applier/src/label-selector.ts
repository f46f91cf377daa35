import { LabelSelectorError, parseLabelSelector } from '@sluice/ports'

type Labels = Readonly<Record<string, string>>

/** Longer ones are not meant to be read. */
const maxLength = 4_096

/**
 * Whether a selector in its text form selects these labels, or annotations, whose values may be any. An absent or empty one
 * selects everything, one that cannot be read nothing.
 */
export function selectsLabels(selector: string | undefined, labels: Labels = {}): boolean {
  if (!selector?.trim()) return true
  if (selector.length > maxLength) return false
  try {
    return parseLabelSelector(selector, { checked: false })?.(labels) ?? true
  } catch (error) {
    if (error instanceof LabelSelectorError) return false
    throw error
  }
}
