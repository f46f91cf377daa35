/** The formats of strings that Kubernetes' schemas know, by name without dashes. */
const formats: ReadonlyMap<string, (text: string) => boolean> = new Map([
  ['uuid', matches(/^[\da-f]{8}-?[\da-f]{4}-?[\da-f]{4}-?[\da-f]{4}-?[\da-f]{12}$/i)],
  ['uuid3', matches(/^[\da-f]{8}-?[\da-f]{4}-?3[\da-f]{3}-?[\da-f]{4}-?[\da-f]{12}$/i)],
  ['uuid4', matches(/^[\da-f]{8}-?[\da-f]{4}-?4[\da-f]{3}-?[89ab][\da-f]{3}-?[\da-f]{12}$/i)],
  ['uuid5', matches(/^[\da-f]{8}-?[\da-f]{4}-?5[\da-f]{3}-?[89ab][\da-f]{3}-?[\da-f]{12}$/i)],
  ['byte', matches(/^(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=|[A-Za-z\d+/]{4})$/)],
  ['date', isDate],
  ['datetime', isDateTime],
])

function matches(pattern: RegExp): (text: string) => boolean {
  return (text) => pattern.test(text)
}

/** Whether a text has a format; `undefined` for formats that are not known here. */
export function hasStringFormat(format: string, text: string): boolean | undefined {
  return formats.get(format.replaceAll('-', ''))?.(text)
}

/** `2006-01-02` of a day that there is. */
export function isDate(text: string): boolean {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text)
  if (!match) return false
  const [year = 0, month = 0, day = 0] = match.slice(1).map(Number)
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  return month >= 1 && month <= 12 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day
}

/** A date, a `t`, and a time with its zone, in either case. */
export function isDateTime(text: string): boolean {
  const [date = '', time] = text.toLowerCase().split('t')
  if (text.length < 4 || time === undefined || !isDate(date)) return false
  const match = /^(\d{2}):(\d{2}):(\d{2})(.\d+)?(z|[+-]\d{2}:\d{2})$/.exec(time)
  const [, hours = '99', minutes = '99', seconds = '99'] = match ?? []
  return hours <= '23' && minutes <= '59' && seconds <= '59'
}
