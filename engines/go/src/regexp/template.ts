/** A part of a replacement: text, or a group by number (-1 for a number too large) or by name. */
export type TemplatePart = string | { readonly group: number } | { readonly name: string }

const nameEnd = /[^\p{L}\p{Nd}_]/u

/**
 * Cuts a replacement such as `${name}-$1` into parts. A `$` that names nothing is text, `$$` is one `$`.
 *
 * Source: https://pkg.go.dev/regexp#Regexp.Expand
 */
export function parseTemplate(template: string): TemplatePart[] {
  const parts: TemplatePart[] = []
  let rest = template
  for (;;) {
    const dollar = rest.indexOf('$')
    if (dollar < 0) break
    parts.push(rest.slice(0, dollar))
    rest = rest.slice(dollar + 1)
    if (rest.startsWith('$')) {
      parts.push('$')
      rest = rest.slice(1)
      continue
    }
    const braced = rest.startsWith('{')
    const body = braced ? rest.slice(1) : rest
    const end = body.search(nameEnd)
    const name = end < 0 ? body : body.slice(0, end)
    if (name === '' || (braced && body[name.length] !== '}')) {
      parts.push('$')
    } else {
      parts.push(reference(name))
      rest = body.slice(name.length + (braced ? 1 : 0))
    }
  }
  parts.push(rest)
  return parts.filter((part) => part !== '')
}

function reference(name: string): TemplatePart {
  const isNumber = /^(?:0|[1-9][0-9]*)$/.test(name) && name.length < 10
  return isNumber ? { group: Number(name) } : { name }
}
