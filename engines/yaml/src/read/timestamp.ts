const form =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:(?:[Tt](\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,]\d+)?(?:Z|[-+](\d\d):(\d\d)))|(?: (\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,]\d+)?))?$/

/**
 * Whether go-yaml takes `text` for a time: a date, a date and a time, or both with a zone.
 *
 * Source: go.yaml.in/yaml v2 and v3, the formats of their `parseTimestamp`.
 */
export function isTimestamp(text: string): boolean {
  // Quick: all of them begin with a year.
  if (text.charCodeAt(4) !== 45) return false
  const match = form.exec(text)
  if (!match) return false
  const [, year, month, day] = match
  const hour = match[4] ?? match[9] ?? 0
  const minute = match[5] ?? match[10] ?? 0
  const second = match[6] ?? match[11] ?? 0
  return (
    isDate(Number(year), Number(month), Number(day)) &&
    Number(hour) < 24 &&
    Number(minute) < 60 &&
    Number(second) < 60 &&
    // Go lets offsets of whole 24 hours and 60 minutes pass.
    Number(match[7] ?? 0) <= 24 &&
    Number(match[8] ?? 0) <= 60
  )
}

function isDate(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  const days = month === 2 ? (leap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31
  return day <= days
}
