import type { ObjectKey } from '@sluice/cluster'
import { ToolkitError } from '@sluice/ports'

/** Something asked for another run before this one came to its end. */
export class RunInterruption extends ToolkitError {
  override readonly name = 'RunInterruption'
  /** What asked, as `Kind/namespace/name`. */
  readonly trigger: string

  constructor(kind: string, { namespace = '', name }: ObjectKey) {
    const trigger = `${kind}/${namespace}/${name}`
    super('RUN_INTERRUPTED', `New reconciliation triggered by ${trigger}`)
    this.trigger = trigger
  }
}
