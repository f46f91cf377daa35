/**
 * A table as the Flux CLI prints it: cells padded to the width of their column, a tab between columns,
 * rows with a tab at their end and the header with a space.
 */
export function formatTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, column) =>
    Math.max(displayWidth(title), ...rows.map((row) => displayWidth(row[column] ?? ''))),
  )
  const cells = (row: readonly string[]): string =>
    widths.map((width, column) => pad(row[column] ?? '', width)).join('\t')
  return [`${cells(header)} `, ...rows.map((row) => `${cells(row)}\t`)].map((line) => `${line}\n`).join('')
}

/** Pads `text` with spaces to `width` columns of the screen. */
export function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)))
}

function displayWidth(text: string): number {
  let width = 0
  for (const _ of text) width += 1
  return width
}
