import { checkLabelValue, checkQualifiedName } from '@sluice/cel'
import type { ImageUpdateAutomationSpec } from '@sluice/toolkit'

type Labels = Readonly<Record<string, string>>
type PolicySelector = NonNullable<ImageUpdateAutomationSpec['policySelector']>
type Expression = NonNullable<PolicySelector['matchExpressions']>[number]

/** Whether labels fulfil a part of a selector. */
type Requirement = (labels: Labels) => boolean

/**
 * What a selector asks of labels.
 *
 * Source: k8s.io/apimachinery 0.36, meta/v1 LabelSelectorAsSelector and labels.NewRequirement.
 * @throws {RangeError} in the words of Kubernetes, when the selector cannot be read
 */
export function labelRequirements({ matchLabels = {}, matchExpressions = [] }: PolicySelector): Requirement {
  const requirements = [
    ...Object.entries(matchLabels).map(([key, value]) =>
      requirementOf({ key, operator: 'In', values: [value] }),
    ),
    ...matchExpressions.map(requirementOf),
  ]
  return (labels) => requirements.every((isFulfilled) => isFulfilled(labels))
}

function requirementOf({ key, operator, values = [] }: Expression): Requirement {
  const has: Requirement = (labels) => Object.hasOwn(labels, key)
  const set = new Set(values)
  const isIn: Requirement = (labels) => has(labels) && set.has(labels[key] ?? '')
  switch (operator) {
    case 'In':
    case 'NotIn':
      check(key, values, values.length > 0 || "for 'in', 'notin' operators, values set can't be empty")
      return operator === 'In' ? isIn : (labels) => !isIn(labels)
    case 'Exists':
    case 'DoesNotExist':
      check(key, values, values.length === 0 || 'values set must be empty for exists and does not exist')
      return (labels) => has(labels) === (operator === 'Exists')
    default:
      throw new RangeError(`${JSON.stringify(operator)} is not a valid label selector operator`)
  }
}

function check(key: string, values: readonly string[], count: true | string): void {
  const ofKey = checkQualifiedName(key)
  const problems = [
    ...(ofKey.length > 0 ? [invalid('key', key, ofKey.join('; '))] : []),
    ...(count === true ? [] : [invalid('values', values.length > 0 ? values : null, count)]),
    ...values.flatMap((value, i) => {
      const ofValue = checkLabelValue(value)
      return ofValue.length > 0 ? [invalid(`values[${i}][${key}]`, value, ofValue.join('; '))] : []
    }),
  ]
  if (problems.length === 0) return
  throw new RangeError(problems.length === 1 ? problems[0] : `[${problems.join(', ')}]`)
}

function invalid(path: string, value: unknown, problem: string): string {
  return `${path}: Invalid value: ${JSON.stringify(value)}: ${problem}`
}
