type Field = {
  readonly name: string
  readonly min: number
  readonly max: number
  readonly names?: readonly string[]
}

const fields: readonly Field[] = [
  { name: 'minute', min: 0, max: 59 },
  { name: 'hour', min: 0, max: 23 },
  { name: 'day of month', min: 1, max: 31 },
  {
    name: 'month',
    min: 1,
    max: 12,
    names: ['', 'jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
  },
  { name: 'day of week', min: 0, max: 6, names: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] },
]

const descriptors = ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly']

/**
 * Why a text is no schedule of a cron job, in the words of the library in Kubernetes; `undefined` when it is one.
 *
 * Source: robfig/cron v3, its standard parser, by its messages
 */
export function cronProblem(schedule: string): string | undefined {
  if (schedule === '') return 'empty spec string'
  if (schedule.startsWith('@')) return descriptorProblem(schedule)
  const parts = schedule.split(/\s+/).filter((it) => it !== '')
  if (parts.length !== fields.length) {
    return `expected exactly 5 fields, found ${parts.length}: [${parts.join(' ')}]`
  }
  for (const [index, part] of parts.entries()) {
    const field = fields[index]
    const problem =
      field &&
      part
        .split(',')
        .map((it) => rangeProblem(it, field))
        .find((it) => it !== undefined)
    if (problem !== undefined) return problem
  }
  return undefined
}

function descriptorProblem(schedule: string): string | undefined {
  if (descriptors.includes(schedule)) return undefined
  const duration = /^@every (.+)$/.exec(schedule)?.[1]
  if (duration === undefined) return `unrecognized descriptor: ${schedule}`
  return /^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/.test(duration)
    ? undefined
    : `failed to parse duration ${schedule}: time: invalid duration ${JSON.stringify(duration)}`
}

function rangeProblem(expression: string, field: Field): string | undefined {
  const [range = '', step, ...moreSteps] = expression.split('/')
  const [low = '', high, ...moreRanges] = range.split('-')
  if (moreRanges.length > 0) return `too many hyphens: ${expression}`
  if (moreSteps.length > 0) return `too many slashes: ${expression}`
  const isAny = low === '*' || low === '?'
  const start = isAny ? field.min : numberIn(low, field)
  if (typeof start === 'string') return start
  const limit = isAny
    ? field.max
    : high === undefined
      ? step === undefined
        ? start
        : field.max
      : numberIn(high, field)
  if (typeof limit === 'string') return limit
  const every = step === undefined ? 1 : plainNumber(step)
  if (typeof every === 'string') return every
  if (start < field.min) return `beginning of range (${start}) below minimum (${field.min}): ${expression}`
  if (limit > field.max) return `end of range (${limit}) above maximum (${field.max}): ${expression}`
  if (start > limit) return `beginning of range (${start}) beyond end of range (${limit}): ${expression}`
  return every === 0 ? `step of range should be a positive number: ${expression}` : undefined
}

function numberIn(text: string, { names = [] }: Field): number | string {
  const index = names.indexOf(text.toLowerCase())
  return index >= 0 && text !== '' ? index : plainNumber(text)
}

/** A number, or why it is none. */
function plainNumber(text: string): number | string {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  if (/^-\d+$/.test(text)) return `negative number (${text}) not allowed: ${text}`
  return `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`
}
