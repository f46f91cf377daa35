/** An element of a layout: text that stands for itself, or a part of the reference time. */
export type LayoutPart = { readonly kind: 'text' | 'element'; readonly text: string }

// The reference time is Mon Jan 2 15:04:05 MST 2006 (-0700); longer forms come before their beginnings.
const element =
  /January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|0[1-6]|002|15|1|2006|__2|_2(?!006)|2|[345]|PM|pm|[-Z]070000|[-Z]07:00:00|[-Z]0700|[-Z]07:00|[-Z]07|[.,](?:0+|9+)(?![0-9])/g

/** Cuts a layout into its elements and what stands between them. Source: https://pkg.go.dev/time#Layout */
export function parseLayout(layout: string): LayoutPart[] {
  const parts: LayoutPart[] = []
  let end = 0
  for (const match of layout.matchAll(element)) {
    if (match.index > end) parts.push({ kind: 'text', text: layout.slice(end, match.index) })
    parts.push({ kind: 'element', text: match[0] })
    end = match.index + match[0].length
  }
  if (end < layout.length) parts.push({ kind: 'text', text: layout.slice(end) })
  return parts
}

export const longMonths: readonly string[] = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]
export const longDays: readonly string[] = [
  'Sunday',
  'Monday',
  'Tuesday',
  'Wednesday',
  'Thursday',
  'Friday',
  'Saturday',
]
export const shortMonths: readonly string[] = longMonths.map((name) => name.slice(0, 3))
export const shortDays: readonly string[] = longDays.map((name) => name.slice(0, 3))
