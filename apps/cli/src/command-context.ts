import type { Cluster } from '@sluice/cluster'
import type { Clock } from '@sluice/ports'
import type { Terminal } from './output/terminal.ts'

/** Global flags that say which cluster is meant. */
export type ConnectionFlags = {
  readonly kubeconfig?: string
  readonly context?: string
}

/** A cluster together with the namespace that its kubeconfig context names. */
export type Connection = { readonly cluster: Cluster; readonly contextNamespace: string | undefined }

/** What commands work with; tests pass their own. */
export type CommandContext = {
  readonly terminal: Terminal
  readonly clock: Clock
  readonly workingDirectory: string
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Ends when the person interrupts the command. */
  readonly signal: AbortSignal
  /** Says that the command comes to an end by itself when it is interrupted, however long that takes. */
  readonly endsByItself: () => void
  /** Asks a question that is answered by yes or no; no where nobody can answer. */
  readonly confirm: (question: string) => Promise<boolean>
  /** What comes in through standard input, to its end. */
  readonly readInput: () => Promise<string>
  readonly connect: (flags: ConnectionFlags) => Promise<Connection>
}

/** Flags that every command on toolkit objects has. */
export type ObjectFlags = ConnectionFlags & {
  readonly namespace: string
  /** Milliseconds for the whole command. */
  readonly timeoutMs: number
}

/** Ends when the person interrupts the command, or when its time is up. */
export function commandSignal(
  { signal }: CommandContext,
  { timeoutMs }: Pick<ObjectFlags, 'timeoutMs'>,
): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
}
