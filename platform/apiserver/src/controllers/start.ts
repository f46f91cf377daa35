import { runCrdController } from '../crd/crd-controller.ts'
import type { Core } from '../verbs/call.ts'

export type ControllerOptions = {
  readonly signal: AbortSignal
  /** PEM of the server's CA. */
  readonly ca: string
}

/** Starts what runs beside the requests. The promise inside of the result settles when all have ended. */
export async function startControllers(
  core: Core,
  { signal }: ControllerOptions,
): Promise<{ readonly ended: Promise<unknown> }> {
  return { ended: runCrdController(core, signal) }
}
