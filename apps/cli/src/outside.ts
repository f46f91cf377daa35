import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createHttp } from '@sluice/host'
import type { Http } from '@sluice/ports'
import type { CommandContext, ConnectionFlags } from './command-context.ts'
import { mirroredHttp } from './up/mirrored-http.ts'

/** File of the state directory with the hosts that `sluice up` serves itself. */
export const mirrorsFile = 'mirrors.json'

/** HTTP to places outside, for as long as it is not disposed of. */
export type Outside = AsyncDisposable & { readonly http: Http }

/**
 * Reaches what the controllers of the cluster reach: with the embedded cluster of the working directory, hosts that it
 * serves itself too.
 */
export function reachOutside(
  { workingDirectory }: Pick<CommandContext, 'workingDirectory'>,
  { kubeconfig }: ConnectionFlags,
): Outside {
  const host = createHttp()
  const file = join(workingDirectory, '.sluice', mirrorsFile)
  const mirrors = kubeconfig === undefined && existsSync(file) ? readMirrors(file) : new Map<string, string>()
  return {
    http: mirroredHttp(host, mirrors),
    [Symbol.asyncDispose]: () => host.close(),
  }
}

function readMirrors(file: string): ReadonlyMap<string, string> {
  const mirrors: unknown = JSON.parse(readFileSync(file, 'utf8'))
  return new Map(
    Object.entries(mirrors ?? {}).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}
