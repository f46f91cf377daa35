import type { EnvironmentOptions } from '../environment/environment.ts'
import { listsCost } from '../library/extensions/lists-cost.ts'
import { setsCost } from '../library/extensions/sets.ts'
import { kubernetesCost } from '../library/kubernetes/cost.ts'
import type { CostRule } from './cost-tracker.ts'

const none: CostRule = () => () => 1

/** The rules by which an environment counts the costs of calls, the most particular first. */
export function costRules({ costModel = 'none' }: EnvironmentOptions): readonly CostRule[] {
  switch (costModel) {
    case 'none':
      return [none]
    case 'extensions':
      return [listsCost, setsCost]
    case 'kubernetes':
      return [listsCost, setsCost, kubernetesCost]
  }
}
