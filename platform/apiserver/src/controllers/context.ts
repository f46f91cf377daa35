import type { StorageEvent } from '../storage/storage.ts'
import type { Core } from '../verbs/call.ts'

export type ControllerContext = {
  readonly core: Core
  readonly signal: AbortSignal
  /** PEM of the server's CA. */
  readonly ca: string
  /** Field manager of what the controllers write. */
  readonly manager: string
}

/** What runs beside the requests. */
export type Controller = {
  /** Hears of every change, in order, beginning with what is there. Must be quick and must not throw. */
  readonly observe: (event: StorageEvent) => void
  /** Works until the context's signal aborts. */
  readonly run: () => Promise<void>
}

/** Parts of a storage key; `undefined` when it is none. */
export function keyParts(
  key: string,
):
  | { readonly group: string; readonly plural: string; readonly namespace: string; readonly name: string }
  | undefined {
  const [, group, plural, namespace, name] = key.split('/')
  if (group === undefined || plural === undefined || namespace === undefined || name === undefined) {
    return undefined
  }
  return { group, plural, namespace, name }
}
