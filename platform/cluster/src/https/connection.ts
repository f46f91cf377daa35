import type { HttpProxy } from '@sluice/ports'
import type { ImpersonatedUser } from '../transport.ts'

/** What a client shows to be let in. A certificate and a token may go together. */
export type Credentials = {
  readonly certificate?: string
  readonly key?: string
  /** Value of the `Authorization` header. */
  readonly authorization?: string
}

/** Where credentials come from; they may change in time. */
export interface CredentialSource {
  get(options: { readonly signal: AbortSignal }): Promise<Credentials>
  /** The server refused them: they are not to be used again where others can be had. */
  refused(): void
}

/** How to reach an API server over the network. PEM throughout. */
export type Connection = {
  /** Address without a slash at its end. */
  readonly server: string
  readonly ca?: string
  readonly serverName?: string
  readonly insecureSkipVerify?: boolean
  readonly proxy?: HttpProxy
  readonly credentials: CredentialSource
  /** Acts as this user unless a request names another. */
  readonly impersonate?: ImpersonatedUser
  /** The namespace to work in when none is named. */
  readonly namespace: string
}

/** Credentials that never change. */
export function fixedCredentials(credentials: Credentials): CredentialSource {
  return { get: async () => credentials, refused: () => {} }
}
