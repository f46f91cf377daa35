const special = /[\0"'&<>]/
const specials = /[\0"'&<>]/g
const entities: ReadonlyMap<string, string> = new Map([
  ['\0', '\ufffd'],
  ['"', '&#34;'],
  ["'", '&#39;'],
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
])

/** Escapes text for HTML. Source: https://pkg.go.dev/text/template#HTMLEscapeString */
export function htmlEscape(text: string): string {
  return special.test(text) ? text.replace(specials, (char) => entities.get(char) ?? char) : text
}
