import { parseConstraint, parseVersion } from '@sluice/go'

/** Whether `version` meets the range; a range or version that cannot be read is not met, as in Helm. */
export function isCompatibleRange(range: string, version: string): boolean {
  try {
    return parseConstraint(range).check(parseVersion(version))
  } catch {
    // Which of the two is malformed makes no difference to the answer.
    return false
  }
}
