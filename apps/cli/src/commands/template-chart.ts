import { readFileSync, statSync } from 'node:fs'
import { basename, isAbsolute, resolve } from 'node:path'
import { type Chart, loadChartDirectory, loadChartFile } from '@sluice/chart'
import { diskFileTree, hostCompression } from '@sluice/host'
import { CliError } from '../cli-error.ts'
import type { CommandContext } from '../command-context.ts'
import type { ChartFlags } from './template-flags.ts'

/**
 * The chart that is meant: a directory or an archive, else `oci://…`, the URL of an archive, a name in `--repo` or
 * `REPOSITORY/NAME` of Helm's known repositories.
 *
 * @throws {CliError}
 */
export async function templateChart(
  name: string,
  { flags, context }: { readonly flags: ChartFlags; readonly context: CommandContext },
): Promise<Chart> {
  const path = resolve(context.workingDirectory, name)
  const found = flags.repo === undefined ? statSync(path, { throwIfNoEntry: false }) : undefined
  if (found?.isDirectory()) {
    return loadChartDirectory(diskFileTree(path), '', { compression: hostCompression, location: path })
  }
  if (found) return loadChartFile(basename(path), readFileSync(path), { compression: hostCompression })
  const isRemote =
    flags.repo !== undefined || (!isAbsolute(name) && !name.startsWith('.') && name.includes('/'))
  if (!isRemote) {
    throw new CliError(`path "${name}" not found`, {
      nextStep: 'give the directory or the archive of a chart, or a repository with --repo',
    })
  }
  const { fetchRemoteChart } = await import('./remote-chart.ts')
  const archive = await fetchRemoteChart(name, { flags, context })
  return loadChartFile(basename(name), archive, { compression: hostCompression })
}
