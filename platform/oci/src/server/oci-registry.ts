import type { RequestListener } from 'node:http'
import { diskRegistryStore } from './disk-store.ts'
import { registryHandler } from './registry-handler.ts'
import type { RegistryUser } from './registry-login.ts'
import type { RegistryBounds } from './registry-store.ts'

export type OciRegistryOptions = RegistryBounds & {
  /** Where everything is kept; made when absent. One registry at a time. */
  readonly directory: string
  /** Who may write. Everyone may read. */
  readonly isUser: (user: RegistryUser) => boolean
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** A registry of this machine: everyone reads, users write after `docker login` and its like. */
export async function ociRegistry({
  directory,
  isUser,
  now,
  ...bounds
}: OciRegistryOptions): Promise<RequestListener> {
  return registryHandler({
    store: await diskRegistryStore(directory, bounds),
    authorize: (action, user) => (user ? isUser(user) : action === 'pull'),
    tokens: { isUser, now },
  })
}
