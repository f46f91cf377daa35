/** An event as it is posted to the notification controller. */
export type Notification = {
  readonly involvedObject: {
    readonly kind: string
    readonly namespace: string
    readonly name: string
    readonly uid: string
    readonly apiVersion: string
    readonly resourceVersion: string
  }
  readonly severity: 'info' | 'error'
  /** RFC 3339. */
  readonly timestamp: string
  readonly message: string
  readonly reason: string
  /** Keys with the prefix of the object's API group, and those of `event.toolkit.fluxcd.io/` from its annotations. */
  readonly metadata?: Readonly<Record<string, string>>
  readonly reportingController: string
  readonly reportingInstance: string
}

/** Delivers one event. Its failures are logged, never more. */
export type ForwardEvent = (event: Notification, options: { readonly signal: AbortSignal }) => Promise<void>
