import {
  formatDuration,
  formatTime,
  GoError,
  loadZone,
  parseDuration,
  parseTime,
  rfc3339Nano,
  roundDuration,
  truncateDuration,
} from '@sluice/go'
import { jsonMarshal } from '@sluice/yaml'
import type { GoCase, GoOutcome } from './go-case.ts'

/** Kind `time`: one operation of Go's package time. */
export function runTime(input: GoCase): GoOutcome {
  try {
    return { out: run(input) }
  } catch (error) {
    if (error instanceof GoError) return { error: error.message, stage: 'parse' }
    throw error
  }
}

function run(recorded: GoCase): string {
  const input = String(recorded['input'])
  const layout = String(recorded['layout'])
  const zone = loadZone(typeof recorded['zone'] === 'string' ? recorded['zone'] : '')
  const multiple = String(recorded['multiple'])
  switch (recorded['op']) {
    case 'parse':
      return formatTime(parseTime(layout, input, zone), rfc3339Nano)
    case 'format':
      return formatTime(parseTime(rfc3339Nano, input).in(zone), layout)
    case 'parseDuration': {
      const nanoseconds = parseDuration(input)
      return jsonMarshal({ nanoseconds: String(nanoseconds), string: formatDuration(nanoseconds) })
    }
    case 'durationString':
      return formatDuration(BigInt(input))
    case 'durationRound':
      return formatDuration(roundDuration(parseDuration(input), parseDuration(multiple)))
    case 'durationTruncate':
      return formatDuration(truncateDuration(parseDuration(input), parseDuration(multiple)))
    default: {
      const time = parseTime(rfc3339Nano, input).in(zone)
      return formatTime(time.add(parseDuration(String(recorded['duration']))), rfc3339Nano)
    }
  }
}
