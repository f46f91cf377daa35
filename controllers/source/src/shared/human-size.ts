const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const

/** A size with four significant digits in decimal units, such as `2.834kB`. Source: docker/go-units, HumanSize. */
export function humanSize(bytes: number): string {
  let size = bytes
  let unit = 0
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000
    unit += 1
  }
  return `${Number(size.toPrecision(4))}${units[unit]}`
}
