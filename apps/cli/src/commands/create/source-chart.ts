import type { Command } from 'commander'
import { CliError } from '../../cli-error.ts'
import type { CommandContext } from '../../command-context.ts'
import { addCreateCommand, create, fetchedLines, given } from './creation.ts'
import { parseKindName, sourceReference } from './references.ts'
import { addVerificationFlags, type VerificationFlags, verification } from './verification-flags.ts'

type Flags = VerificationFlags & {
  readonly chart?: string
  readonly chartVersion?: string
  readonly source?: string
  readonly reconcileStrategy: string
}

const noun = 'HelmChart source'
const kinds = ['HelmRepository', 'GitRepository', 'Bucket'] as const

export function addCreateSourceChart(group: Command, context: CommandContext): void {
  const command = addCreateCommand<Flags>(group, 'source chart', {
    context,
    description: 'create or update a HelmChart',
    action: async (name, { flags }) => {
      if (!flags.source) throw new CliError('chart source is required')
      const { kind } = sourceReference(flags.source, { kinds })
      if (!flags.chart) throw new CliError('chart name or path is required')
      await create(
        {
          kind: 'HelmChart',
          noun,
          createdNoun: 'source',
          announced: true,
          name,
          spec: given({
            chart: flags.chart,
            version: flags.chartVersion,
            interval: flags.interval,
            reconcileStrategy: flags.reconcileStrategy,
            // Names of sources may have dots: they are of the chart's own namespace.
            sourceRef: { kind: kind ?? '', name: parseKindName(flags.source).name },
            verify: verification(flags),
          }),
          finished: fetchedLines(noun),
        },
        { flags, context },
      )
    },
  })
    .option('--chart <name>', 'name of the chart in its repository, or its path in the source')
    .option('--chart-version <range>', 'version or range of versions, for charts of repositories')
    .option('--source <kind/name>', `source of the chart, of the kind ${kinds.join(', ')}`)
    .option(
      '--reconcile-strategy <strategy>',
      'what makes a new chart: ChartVersion, or each Revision of the source',
      'ChartVersion',
    )
  addVerificationFlags(command)
}
