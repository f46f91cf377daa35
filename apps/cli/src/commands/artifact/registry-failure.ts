import { errorChain, ToolkitError } from '@sluice/ports'
import { CliError } from '../../cli-error.ts'

/** Names what failed before what the registry says. @throws {CliError} */
export async function explained<T>(message: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (!(cause instanceof ToolkitError)) throw cause
    throw new CliError(`${message}: ${errorChain(cause)}`, { cause })
  }
}
