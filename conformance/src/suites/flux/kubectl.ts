import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export type KubectlResult = { readonly exitCode: number; readonly stdout: string; readonly stderr: string }

/** Runs the real kubectl against one cluster. */
export type Kubectl = (args: readonly string[], options?: { readonly cwd?: string }) => Promise<KubectlResult>

const program = fileURLToPath(new URL('../../../../tools/bin/kubectl', import.meta.url))
const timeoutMs = 60_000

/** @throws when `npm test` has not installed kubectl yet. */
export function kubectlFor(kubeconfig: string): Kubectl {
  if (!existsSync(program)) {
    throw new Error(`${program} is missing: run node --import tsx scripts/install-tools.ts`)
  }
  return (args, { cwd } = {}) =>
    new Promise((resolve) => {
      execFile(
        program,
        ['--kubeconfig', kubeconfig, ...args],
        { cwd, timeout: timeoutMs, maxBuffer: 64 * 1024 * 1024 },
        (error, stdout, stderr) => {
          const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : 1
          resolve({ exitCode, stdout, stderr })
        },
      )
    })
}
