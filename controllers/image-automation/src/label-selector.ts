import type { ImageUpdateAutomationSpec } from '@sluice/toolkit'

type Labels = Readonly<Record<string, string>>
type PolicySelector = NonNullable<ImageUpdateAutomationSpec['policySelector']>
type Expression = NonNullable<PolicySelector['matchExpressions']>[number]

/** A requirement on labels. */
type Requirement = (labels: Labels) => boolean

/** A selector cannot be read: a {@link RangeError} with the words of Kubernetes. */
export function labelRequirements({
  matchLabels = {},
  matchExpressions = [],
}: PolicySelector): (labels: Labels) => boolean {
  const requirements = [
    ...Object.entries(matchLabels).map(
      ([key, value]): Requirement =>
        (labels) =>
          valueOf(labels, key) === value,
    ),
    ...matchExpressions.map(requirementOf),
  ]
  return (labels) => requirements.every((fulfils) => fulfils(labels))
}

/** Source: k8s.io/apimachinery, meta/v1 LabelSelectorAsSelector and labels.NewRequirement. */
function requirementOf({ key, operator, values = [] }: Expression): Requirement {
  switch (operator) {
    case 'In':
    case 'NotIn': {
      if (values.length === 0) {
        throw new RangeError(
          `values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty`,
        )
      }
      const set = new Set(values)
      const isIn: Requirement = (labels) => set.has(valueOf(labels, key) ?? '') && Object.hasOwn(labels, key)
      return operator === 'In' ? isIn : (labels) => !isIn(labels)
    }
    case 'Exists':
    case 'DoesNotExist': {
      if (values.length > 0) {
        const given = JSON.stringify(values).replaceAll(',', ', ')
        throw new RangeError(
          `values: Invalid value: ${given}: values set must be empty for exists and does not exist`,
        )
      }
      return (labels) => Object.hasOwn(labels, key) === (operator === 'Exists')
    }
    default:
      throw new RangeError(`${JSON.stringify(operator)} is not a valid label selector operator`)
  }
}

function valueOf(labels: Labels, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined
}
