import { annotations, type HelmRelease } from '@sluice/toolkit'

/** A request that a HelmRelease's annotations make beside the one to be reconciled. */
export type SpecialRequest = {
  /** Whether it is to be handled now. */
  readonly isDue: boolean
  /** The token to be noted as handled, due or not. */
  readonly token: string | undefined
}

/**
 * Whether a forced release, or forgetting of failures, is asked for: the annotation's token has to be that of the request to
 * reconcile, and neither may have been handled before.
 *
 * Source: FEATURES of Flux 2.9, §1.3.
 */
export function specialRequest(
  { metadata, status }: Pick<HelmRelease, 'metadata' | 'status'>,
  {
    annotation,
    handled,
  }: { readonly annotation: 'forceAt' | 'resetAt'; readonly handled: string | undefined },
): SpecialRequest {
  const token = metadata.annotations?.[annotations[annotation]]
  const request = metadata.annotations?.[annotations.requestedAt]
  const isDue =
    token !== undefined &&
    token === request &&
    token !== handled &&
    request !== status?.lastHandledReconcileAt
  return { isDue, token }
}
