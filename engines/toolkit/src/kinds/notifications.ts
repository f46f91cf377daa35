import type {
  CrossNamespaceReference,
  LocalReference,
  ToolkitObject,
  ToolkitStatus,
} from './toolkit-object.ts'

/** Objects that events come from: one by name, or with `*` all that have the labels. */
export type EventSource = CrossNamespaceReference & {
  readonly matchLabels?: Readonly<Record<string, string>>
}

export type AlertSpec = {
  readonly providerRef: LocalReference
  readonly eventSources: readonly EventSource[]
  readonly eventSeverity?: 'info' | 'error'
  readonly eventMetadata?: Readonly<Record<string, string>>
  readonly exclusionList?: readonly string[]
  readonly inclusionList?: readonly string[]
  readonly summary?: string
  readonly suspend?: boolean
}

/** Sends events about objects to a provider. */
export type Alert = ToolkitObject & { readonly spec: AlertSpec; readonly status?: ToolkitStatus }

export type ProviderSpec = {
  /** One of `providerTypes`. */
  readonly type: string
  readonly address?: string
  readonly channel?: string
  readonly username?: string
  readonly secretRef?: LocalReference
  readonly certSecretRef?: LocalReference
  readonly proxySecretRef?: LocalReference
  readonly proxy?: string
  /** Go duration, 15s when absent. */
  readonly timeout?: string
  readonly interval?: string
  readonly serviceAccountName?: string
  readonly commitStatusExpr?: string
  readonly suspend?: boolean
}

/** A service that events can be sent to. */
export type Provider = ToolkitObject & { readonly spec: ProviderSpec; readonly status?: ToolkitStatus }

export type OidcProvider = {
  readonly issuerURL: string
  readonly audience?: string
  readonly variables?: readonly { readonly name: string; readonly expression: string }[]
  readonly validations: readonly { readonly expression: string; readonly message: string }[]
}

export type ReceiverSpec = {
  readonly type: string
  readonly events?: readonly string[]
  readonly resources: readonly (EventSource & { readonly filter?: string })[]
  readonly secretRef?: LocalReference
  readonly resourceFilter?: string
  readonly interval?: string
  readonly suspend?: boolean
  readonly oidcProviders?: readonly OidcProvider[]
}

/** A webhook that has objects reconciled. */
export type Receiver = ToolkitObject & {
  readonly spec: ReceiverSpec
  readonly status?: ToolkitStatus & { readonly webhookPath?: string; readonly url?: string }
}
