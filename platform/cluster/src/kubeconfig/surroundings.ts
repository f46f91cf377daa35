import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

/** What reading a kubeconfig needs of the machine. */
export interface Surroundings {
  /** Fails as `node:fs` does, with `code` `ENOENT` when there is no such file. */
  readFile(path: string): Promise<Uint8Array>
  /** Runs a command and returns what it printed; fails when it cannot be started or exits with another status than 0. */
  run(
    command: string,
    args: readonly string[],
    options: { readonly env: Readonly<Record<string, string>>; readonly signal: AbortSignal },
  ): Promise<string>
  readonly env: Readonly<Record<string, string | undefined>>
  readonly homeDirectory: string
}

const maxOutputBytes = 1_024 * 1_024
const commandTimeoutMs = 60_000
const execFileAsync = promisify(execFile)

/** The machine itself. */
export function nodeSurroundings({
  env,
  homeDirectory,
}: Pick<Surroundings, 'env' | 'homeDirectory'>): Surroundings {
  return {
    env,
    homeDirectory,
    readFile: (path) => readFile(path),
    run: async (command, args, options) => {
      const { stdout } = await execFileAsync(command, [...args], {
        env: { ...env, ...options.env },
        signal: options.signal,
        maxBuffer: maxOutputBytes,
        timeout: commandTimeoutMs,
      })
      return stdout
    },
  }
}
