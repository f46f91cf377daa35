import type { Http, HttpProxy, HttpTls } from '@sluice/ports'

export type CloudProvider = 'aws' | 'azure' | 'gcp'

/** What the machine tells a program about who it is. */
export type CloudSurroundings = {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Fails as `node:fs` does. */
  readonly readFile: (path: string) => Promise<Uint8Array>
}

/** Who asks. */
export type CloudIdentity =
  /** The program itself: its environment, its pod, its machine. */
  | { readonly kind: 'controller' }
  | {
      readonly kind: 'serviceAccount'
      readonly namespace: string
      readonly name: string
      readonly uid: string
      readonly annotations: Readonly<Record<string, string>>
      /** A token of the cluster for this account. */
      readonly token: (audience: string, call: { readonly signal: AbortSignal }) => Promise<string>
    }

/** What one exchange works with. */
export type CloudCall = {
  readonly http: Http
  readonly signal: AbortSignal
  readonly proxy?: HttpProxy | undefined
  /** For places of the user's own; clouds have certificates that everyone trusts. */
  readonly tls?: HttpTls | undefined
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly surroundings: CloudSurroundings
}

/** A token, and when it ends in milliseconds since the epoch. */
export type CloudToken = { readonly token: string; readonly expiresAt: number }

/** A variable of the environment; empty is absent. */
export function variable({ surroundings }: CloudCall, name: string): string | undefined {
  return surroundings.env[name] || undefined
}

/** Text of a file that a variable names, without space around it. */
export async function readText({ surroundings }: CloudCall, path: string): Promise<string> {
  return new TextDecoder().decode(await surroundings.readFile(path)).trim()
}
