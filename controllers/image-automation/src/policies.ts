import type { PolicyImage } from '@sluice/image'
import {
  type ImagePolicy,
  type ImageReference,
  type ImageUpdateAutomation,
  imageAutomationReasons,
} from '@sluice/toolkit'
import { labelRequirements } from './label-selector.ts'
import { Stall } from './stall.ts'

/** The images that an automation may set, by policy. */
export type SelectedPolicies = {
  readonly images: readonly PolicyImage[]
  /** As the status keeps them. */
  readonly observed: Readonly<Record<string, ImageReference>>
}

/**
 * Those of the policies of the automation's namespace that it selects and that have an image.
 *
 * @throws {Stall} when the selector cannot be read
 */
export function selectPolicies(
  object: ImageUpdateAutomation,
  policies: readonly ImagePolicy[],
): SelectedPolicies {
  const { namespace = '' } = object.metadata
  const isSelected = selectorOf(object)
  const images = policies
    .filter(({ metadata }) => isSelected(metadata.labels ?? {}))
    .flatMap((policy): PolicyImage[] => {
      const image = latestOf(policy)
      return image ? [{ namespace, name: policy.metadata.name ?? '', image }] : []
    })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
  return { images, observed: Object.fromEntries(images.map(({ name, image }) => [name, image])) }
}

/** Whether two states of what was observed are the same. */
export function areSamePolicies(
  a: Readonly<Record<string, ImageReference>>,
  b: Readonly<Record<string, ImageReference>>,
): boolean {
  const names = Object.keys(a)
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && isSameImage(a[name], b[name]))
  )
}

export function isSameImage(a: ImageReference | undefined, b: ImageReference | undefined): boolean {
  return a?.name === b?.name && a?.tag === b?.tag && (a?.digest ?? '') === (b?.digest ?? '')
}

function latestOf({ status }: ImagePolicy): ImageReference | undefined {
  if (!status?.latestRef) return undefined
  const { name, tag, digest } = status.latestRef
  return { name, tag, ...(digest === undefined || digest === '' ? {} : { digest }) }
}

function selectorOf({
  spec: { policySelector },
}: ImageUpdateAutomation): (labels: Readonly<Record<string, string>>) => boolean {
  if (!policySelector) return () => true
  try {
    return labelRequirements(policySelector)
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause
    throw new Stall(imageAutomationReasons.invalidPolicySelector, 'failed to parse policy selector', {
      cause,
    })
  }
}
