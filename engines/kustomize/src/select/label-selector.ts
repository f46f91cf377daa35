import { LabelSelectorError, parseLabelSelector } from '@sluice/ports'
import { KustomizeError } from '../errors.ts'

/** Whether labels (or annotations) fulfil a selector. */
export type LabelMatcher = (labels: ReadonlyMap<string, string>) => boolean

/**
 * Compiles a selector as `kubectl -l` takes it; the empty one matches all.
 *
 * @throws {KustomizeError} when it is none.
 * Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
 */
export function compileLabelSelector(selector: string): LabelMatcher {
  try {
    const matches = parseLabelSelector(selector)
    return matches ? (labels) => matches(Object.fromEntries(labels)) : () => true
  } catch (error) {
    if (!(error instanceof LabelSelectorError)) throw error
    // kustomize has an older version of the parser, which words some of its errors otherwise.
    const message = error.message
      .replace(/: key: Invalid value: (".*?"): /, ': invalid label key $1: ')
      .replace(/: values\[0\]\[.*?\]: Invalid value: ".*?": (?=for 'Gt')/, ': ')
      .replace(/(?<=expected: )in, notin, =, ==, !=, gt, lt$/, "'=', '!=', '==', 'in', notin'")
    throw new KustomizeError('TARGET_INVALID', message)
  }
}
