import { expectText } from '../../suite.ts'

/** Fails unless the values are equal as JSON, whatever the order of keys, and shows the first line that is not. */
export function expectJson(got: unknown, want: unknown): void {
  expectText(printed(got), printed(want))
}

function printed(value: unknown): string {
  return JSON.stringify(value, (_, it: unknown) => sorted(it), 1)
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
