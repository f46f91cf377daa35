import { compileRegexp, RegexpError } from '@sluice/go'
import type { JsonObject } from '@sluice/ports'
import type { Command } from 'commander'
import { CliError } from '../../cli-error.ts'
import type { CommandContext } from '../../command-context.ts'
import { goDuration } from '../../flags.ts'
import { addCreateCommand, create, given, withApiVersion } from './creation.ts'

type Flags = {
  readonly imageRef?: string
  readonly selectSemver?: string
  readonly selectAlpha?: string
  readonly selectNumeric?: string
  readonly filterRegex?: string
  readonly filterExtract?: string
  readonly reflectDigest?: string
}

const digestPolicies = ['Never', 'IfNotPresent', 'Always']

export function addCreateImagePolicy(group: Command, context: CommandContext): void {
  withApiVersion(
    addCreateCommand<Flags>(group, 'image policy', {
      context,
      description: 'create or update an ImagePolicy',
      action: async (name, { flags, command }) => {
        const { interval } = command.opts<{ interval?: string }>()
        await create(
          {
            kind: 'ImagePolicy',
            announced: true,
            name,
            spec: specification(flags, interval),
            finished: () => ['ImagePolicy reconciliation completed'],
          },
          { flags, context },
        )
      },
    }),
  )
    .option('--image-ref <name>', 'ImageRepository')
    .option('--select-semver <range>', 'range of versions')
    .option('--select-alpha <order>', 'by the alphabet: asc takes the last, desc the first')
    .option('--select-numeric <order>', 'by number: asc takes the last, desc the first')
    .option('--filter-regex <pattern>', 'tags to look at')
    .option('--filter-extract <template>', 'what of a tag to sort by, with groups of the pattern')
    .option('--reflect-digest <policy>', 'Never, IfNotPresent or Always')
    .option('--interval <duration>', 'time between two looks at the digest, with Always', goDuration)
}

/** @throws {CliError} when the flags do not go together. */
function specification(flags: Flags, interval: string | undefined): JsonObject {
  const { imageRef, reflectDigest } = flags
  if (!imageRef) {
    throw new CliError('the name of an ImageRepository in the namespace is required (--image-ref)')
  }
  if (reflectDigest && !digestPolicies.includes(reflectDigest)) {
    throw new CliError("invalid value for --reflect-digest, must be one of 'Never', 'IfNotPresent', 'Always'")
  }
  if (interval !== undefined && reflectDigest !== 'Always') {
    throw new CliError(
      "the --interval flag can only be used with the 'Always' digest reflection policy, use --reflect-digest=Always",
    )
  }
  return given({
    imageRepositoryRef: { name: imageRef },
    policy: selection(flags),
    filterTags: filter(flags),
    digestReflectionPolicy: reflectDigest,
    interval,
  })
}

function selection({ selectSemver, selectAlpha, selectNumeric }: Flags): JsonObject {
  if ([selectSemver, selectAlpha, selectNumeric].filter(Boolean).length > 1) {
    throw new CliError('only one of --select-semver, --select-alpha or --select-numeric can be specified')
  }
  if (selectSemver) return { semver: { range: selectSemver } }
  if (selectAlpha) return { alphabetical: { order: checkedOrder('--select-alpha', selectAlpha) } }
  if (selectNumeric) return { numerical: { order: checkedOrder('--select-numeric', selectNumeric) } }
  throw new CliError('a policy must be provided with either --select-semver or --select-alpha')
}

function checkedOrder(flag: string, order: string): string {
  if (order !== 'asc' && order !== 'desc') throw new CliError(`${flag} must be one of ["asc", "desc"]`)
  return order
}

function filter({ filterRegex, filterExtract }: Flags): JsonObject | undefined {
  if (!filterRegex) {
    if (filterExtract) throw new CliError('cannot specify --filter-extract without specifying --filter-regex')
    return undefined
  }
  checkPattern(filterRegex)
  if (filterExtract) checkExtract(filterExtract, filterRegex)
  return given({ pattern: filterRegex, extract: filterExtract })
}

function checkPattern(pattern: string): void {
  try {
    compileRegexp(pattern)
  } catch (cause) {
    if (!(cause instanceof RegexpError)) throw cause
    throw new CliError('--filter-regex is an invalid regex pattern', { cause })
  }
}

/** References by name have to be groups of the pattern. Source: Go's regexp.Expand. */
function checkExtract(template: string, pattern: string): void {
  const groups = new Set([...pattern.matchAll(/\(\?P?<(\w+)>/g)].map(([, name]) => name))
  const references = template
    .replaceAll('$$', '')
    .matchAll(/\$(?:\{([\p{L}\p{Nd}_]+)\}|([\p{L}\p{Nd}_]+))?/gu)
  for (const [, braced, bare] of references) {
    const name = braced ?? bare
    if (name === undefined) throw new CliError('--filter-extract is malformed')
    const isNumber = name === '0' || /^[1-9]\d{0,8}$/.test(name)
    if (!isNumber && !groups.has(name)) {
      throw new CliError(`capture group $${name} used in --filter-extract not found in --filter-regex`)
    }
  }
}
