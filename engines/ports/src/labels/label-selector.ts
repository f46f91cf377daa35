import { type LabelMatcher, LabelSelectorError } from './label-matcher.ts'

/** `metav1.LabelSelector`. */
export type LabelSelector = {
  readonly matchLabels?: Readonly<Record<string, string>>
  readonly matchExpressions?: readonly {
    readonly key: string
    readonly operator: string
    readonly values?: readonly string[]
  }[]
}

type Labels = Readonly<Record<string, string>>
type Expression = NonNullable<LabelSelector['matchExpressions']>[number]

/**
 * What a selector selects; an empty one everything.
 *
 * Source: k8s.io/apimachinery, meta/v1 LabelSelectorAsSelector and labels.NewRequirement.
 * @throws {LabelSelectorError}
 */
export function labelMatcher({ matchLabels = {}, matchExpressions = [] }: LabelSelector): LabelMatcher {
  const expressions = matchExpressions.map(matcherOf)
  return (labels) => hasLabels(labels, matchLabels) && expressions.every((fulfils) => fulfils(labels))
}

/** Whether `labels` has every one of `wanted`. */
export function hasLabels(labels: Labels, wanted: Labels): boolean {
  return Object.entries(wanted).every(([key, value]) => Object.hasOwn(labels, key) && labels[key] === value)
}

function matcherOf({ key, operator, values = [] }: Expression): LabelMatcher {
  switch (operator) {
    case 'In':
    case 'NotIn': {
      if (values.length === 0) {
        throw new LabelSelectorError(
          `values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty`,
        )
      }
      const set = new Set(values)
      const isIn: LabelMatcher = (labels) => Object.hasOwn(labels, key) && set.has(labels[key] ?? '')
      return operator === 'In' ? isIn : (labels) => !isIn(labels)
    }
    case 'Exists':
    case 'DoesNotExist': {
      if (values.length > 0) {
        const given = JSON.stringify(values).replaceAll(',', ', ')
        throw new LabelSelectorError(
          `values: Invalid value: ${given}: values set must be empty for exists and does not exist`,
        )
      }
      return (labels) => Object.hasOwn(labels, key) === (operator === 'Exists')
    }
    default:
      throw new LabelSelectorError(`${JSON.stringify(operator)} is not a valid label selector operator`)
  }
}
