import type { Condition } from '@sluice/ports'
import {
  type ConditionValue,
  findCondition,
  type Observation,
  removeCondition,
  setCondition,
} from './condition-list.ts'

/** The conditions of one object while it is being reconciled. */
export interface ConditionEditor {
  /** The list as it stands, in display order. */
  readonly list: readonly Condition[]
  get(type: string): Condition | undefined
  /** Whether the condition is there with this status. */
  is(type: string, status: Condition['status']): boolean
  set(value: ConditionValue): void
  markTrue(type: string, reason: string, message: string): void
  markFalse(type: string, reason: string, message: string): void
  markUnknown(type: string, reason: string, message: string): void
  remove(...types: readonly string[]): void
  /** `Reconciling` True; takes `Stalled` away. */
  markReconciling(reason: string, message: string): void
  /** `Stalled` True; takes `Reconciling` away. */
  markStalled(reason: string, message: string): void
  /**
   * Says that work goes on: `Reconciling` True, and `Ready` Unknown with the same words where there is no Ready yet, where
   * it is Unknown, or where `drift` was found. An object that is merely checked again stays Ready.
   */
  progress(reason: string, message: string, options?: { readonly drift?: boolean }): void
}

/** An editor over a copy of `conditions`; `observe` says when and for which generation a change happens. */
export function editConditions(
  conditions: readonly Condition[],
  observe: () => Observation,
): ConditionEditor {
  let list = conditions
  const set = (value: ConditionValue): void => {
    list = setCondition(list, value, observe())
  }
  const mark =
    (status: Condition['status']) =>
    (type: string, reason: string, message: string): void =>
      set({ type, status, reason, message })
  const remove = (...types: readonly string[]): void => {
    for (const type of types) list = removeCondition(list, type)
  }
  const is = (type: string, status: Condition['status']): boolean =>
    findCondition(list, type)?.status === status
  const [markTrue, markFalse, markUnknown] = [mark('True'), mark('False'), mark('Unknown')]
  const markReconciling = (reason: string, message: string): void => {
    remove('Stalled')
    markTrue('Reconciling', reason, message)
  }

  return {
    get list() {
      return list
    },
    get: (type) => findCondition(list, type),
    is,
    set,
    markTrue,
    markFalse,
    markUnknown,
    remove,
    markReconciling,
    markStalled: (reason, message) => {
      remove('Reconciling')
      markTrue('Stalled', reason, message)
    },
    progress: (reason, message, { drift = false } = {}) => {
      markReconciling(reason, message)
      const ready = findCondition(list, 'Ready')
      if (drift || !ready || ready.status === 'Unknown') markUnknown('Ready', reason, message)
    },
  }
}
