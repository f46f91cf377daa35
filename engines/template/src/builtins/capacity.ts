import type { GoValue } from '@sluice/go'

const exact = new WeakSet<object>()

/** Marks a list as made in its final length, as Go's `make` and variadic calls do. */
export function exactly(items: readonly GoValue[]): readonly GoValue[] {
  exact.add(items)
  return items
}

/**
 * The capacity that Go's `[]interface {}` would have; it shows when a list is sliced beyond its length.
 *
 * Lists of values and results of appending have grown: doubled up to 256 elements, then by a quarter.
 */
export function capacityOf(items: readonly GoValue[]): number {
  const { length } = items
  if (exact.has(items)) return length
  let capacity = Math.min(length, 1)
  while (capacity < length) {
    capacity = capacity < 256 ? capacity * 2 : capacity + Math.floor((capacity + 768) / 4)
  }
  return capacity
}
