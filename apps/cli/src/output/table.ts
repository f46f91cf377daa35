/**
 * A table as the Flux CLI prints it: cells padded to the width of their column, a tab between columns,
 * rows with a tab at their end and the header with a space. A cell of several lines makes several rows.
 */
export function formatTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = rows.flatMap(linesOf)
  const widths = header.map((title, column) =>
    lines.reduce((width, row) => Math.max(width, displayWidth(row[column] ?? '')), displayWidth(title)),
  )
  const cells = (row: readonly string[]): string =>
    widths.map((width, column) => pad(row[column] ?? '', width)).join('\t')
  return [`${cells(header)} `, ...lines.map((row) => `${cells(row)}\t`)].map((line) => `${line}\n`).join('')
}

/** Pads `text` with spaces to `width` columns of the screen. */
export function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)))
}

/** The row taken apart at the line breaks of its cells. */
function linesOf(row: readonly string[]): string[][] {
  const cells = row.map((cell) => cell.split('\n'))
  const height = Math.max(1, ...cells.map((lines) => lines.length))
  return Array.from({ length: height }, (_, line) => cells.map((lines) => lines[line] ?? ''))
}

function displayWidth(text: string): number {
  let width = 0
  for (const _ of text) width += 1
  return width
}
