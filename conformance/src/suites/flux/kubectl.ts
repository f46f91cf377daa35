import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export type KubectlResult = { readonly exitCode: number; readonly stdout: string; readonly stderr: string }

/** Runs the real kubectl against one cluster. */
export type Kubectl = (args: readonly string[], options?: { readonly cwd?: string }) => Promise<KubectlResult>

const tools = fileURLToPath(new URL('../../../../tools/bin', import.meta.url))
const timeoutMs = 60_000

/** @throws when `npm test` has not installed kubectl yet. */
export function kubectlFor(kubeconfig: string): Kubectl {
  return programFor('kubectl', kubeconfig)
}

/** Runs the real helm against one cluster. @throws when `npm test` has not installed helm yet. */
export function helmFor(kubeconfig: string): Kubectl {
  return programFor('helm', kubeconfig)
}

function programFor(name: 'kubectl' | 'helm', kubeconfig: string): Kubectl {
  const program = join(tools, name)
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
