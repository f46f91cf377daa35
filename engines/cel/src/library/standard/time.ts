import { declare, type FunctionDeclaration, memberOverload } from '../../environment/declarations.ts'
import { durationType, intType, stringType, timestampType } from '../../types/cel-type.ts'
import { toInt } from '../../values/numbers.ts'
import { type CivilTime, civilTime, Duration, Timestamp } from '../../values/time.ts'
import { zoneOffset } from '../../values/time-zone.ts'
import { CelError, type CelValue, noSuchOverload } from '../../values/value.ts'

export type TimeOptions = {
  /** Whether a zone's offset must be less than a day. */
  readonly limitOffsets: boolean
}

type Field = (time: CivilTime, timestamp: Timestamp) => number

const fields: readonly (readonly [name: string, id: string, read: Field])[] = [
  ['getFullYear', 'timestamp_to_year', ({ year }) => year],
  ['getMonth', 'timestamp_to_month', ({ month }) => month],
  ['getDayOfYear', 'timestamp_to_day_of_year', ({ dayOfYear }) => dayOfYear],
  ['getDayOfMonth', 'timestamp_to_day_of_month', ({ day }) => day - 1],
  ['getDate', 'timestamp_to_day_of_month_1_based', ({ day }) => day],
  ['getDayOfWeek', 'timestamp_to_day_of_week', ({ weekday }) => weekday],
  ['getHours', 'timestamp_to_hours', ({ hours }) => hours],
  ['getMinutes', 'timestamp_to_minutes', ({ minutes }) => minutes],
  ['getSeconds', 'timestamp_to_seconds', ({ seconds }) => seconds],
  ['getMilliseconds', 'timestamp_to_milliseconds', (_, { nanos }) => Math.trunc(nanos / 1e6)],
]

const durationUnits: ReadonlyMap<string, readonly [id: string, nanos: bigint]> = new Map([
  ['getHours', ['duration_to_hours', 3_600_000_000_000n]],
  ['getMinutes', ['duration_to_minutes', 60_000_000_000n]],
  ['getSeconds', ['duration_to_seconds', 1_000_000_000n]],
  ['getMilliseconds', ['duration_to_milliseconds', 1_000_000n]],
])

/** The parts of timestamps, in UTC unless a zone is given, and of durations. */
export function timeFunctions(options: TimeOptions): readonly FunctionDeclaration[] {
  return fields.map(([name, id, read]) => {
    const overloads = [
      memberOverload(id, [timestampType], intType, (time = null) =>
        time instanceof Timestamp ? read(civilTime(time, 0), time) : noSuchOverload,
      ),
      memberOverload(`${id}_with_tz`, [timestampType, stringType], intType, (time = null, zone = null) =>
        inZone(time, zone, { read, options }),
      ),
    ]
    const unit = durationUnits.get(name)
    if (unit) {
      overloads.push(memberOverload(unit[0], [durationType], intType, (span = null) => part(span, unit[1])))
    }
    return declare(name, overloads)
  })
}

function inZone(
  time: CelValue,
  zone: CelValue,
  { read, options }: { readonly read: Field; readonly options: TimeOptions },
): CelValue {
  if (!(time instanceof Timestamp) || typeof zone !== 'string') return noSuchOverload
  const offset = zoneOffset(zone, time, options.limitOffsets)
  return 'failure' in offset ? new CelError(offset.failure) : read(civilTime(time, offset.seconds), time)
}

function part(span: CelValue, nanos: bigint): CelValue {
  return span instanceof Duration ? toInt(span.nanos / nanos) : noSuchOverload
}
