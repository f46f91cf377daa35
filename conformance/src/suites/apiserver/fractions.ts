const marker = '\u0000number '
const token = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.0+|(?:\.\d+)?[eE][-+]?\d+)(?![\d.eE])/g

/**
 * Reads JSON, with whole numbers that are written as fractions kept as marked texts: a server written in Go tells `1.0`
 * from `1`, JavaScript does not.
 */
export function parseWithFractions(text: string): unknown {
  const marked = text.replaceAll(token, (part) =>
    part.startsWith('"') ? part : JSON.stringify(`${marker}${part}`),
  )
  return JSON.parse(marked)
}

/** JSON with marked numbers as they were written. */
export function printWithFractions(value: unknown): string {
  return JSON.stringify(value).replaceAll(/"\\u0000number ([^"]+)"/g, '$1')
}

/** The number that a marked text stands for; any other text itself. */
export function unmarked(text: string): number | string {
  return text.startsWith(marker) ? Number(text.slice(marker.length)) : text
}
