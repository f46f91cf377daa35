import type { SelectionRule } from './metadata.ts'

/** Whether the value at `path` is one of those that are encrypted. List indexes are no part of a path. */
export function isSelected(path: readonly string[], rule: SelectionRule): boolean {
  switch (rule.kind) {
    case 'unencryptedSuffix':
      return !path.some((part) => part.endsWith(rule.suffix))
    case 'encryptedSuffix':
      return path.some((part) => part.endsWith(rule.suffix))
    case 'unencryptedRegex':
      return !path.some((part) => rule.matches(part))
    case 'encryptedRegex':
      return path.some((part) => rule.matches(part))
  }
}
