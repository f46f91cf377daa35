/** One step of a pattern: it takes the positions reached so far to those that it can reach. */
type Step = (text: string, from: ReadonlySet<number>) => Set<number>

/**
 * A pattern for file paths: `*` and `?` stop at `/`, `**` does not, `[a-z]` and `[!a-z]` are ranges, `{a,b}` chooses,
 * a backslash quotes.
 *
 * Source: behaviour of github.com/gobwas/glob, with `/` as separator.
 * @returns nothing when the pattern is malformed
 */
export function compileGlob(pattern: string): ((path: string) => boolean) | undefined {
  const scan = { chars: Array.from(pattern), at: 0 }
  const steps = sequence(scan, 0)
  if (!steps || scan.at < scan.chars.length) return undefined
  return (path) => run(steps, path, new Set([0])).has(path.length)
}

type Scan = { readonly chars: readonly string[]; at: number }

function run(steps: readonly Step[], text: string, from: ReadonlySet<number>): Set<number> {
  let positions = new Set(from)
  for (const step of steps) positions = step(text, positions)
  return positions
}

/** Reads steps up to the end, or inside of braces up to `,` or `}`. */
function sequence(scan: Scan, depth: number): Step[] | undefined {
  const steps: Step[] = []
  for (;;) {
    const char = scan.chars[scan.at]
    if (char === undefined) return depth === 0 ? steps : undefined
    if (depth > 0 && (char === ',' || char === '}')) return steps
    scan.at += 1
    const step = readStep(scan, char, depth)
    if (!step) return undefined
    steps.push(step)
  }
}

function readStep(scan: Scan, char: string, depth: number): Step | undefined {
  if (char === '*') {
    if (scan.chars[scan.at] !== '*') return anyRun('/')
    while (scan.chars[scan.at] === '*') scan.at += 1
    return anyRun('')
  }
  if (char === '?') return oneChar((it) => it !== '/')
  if (char === '[') return range(scan)
  if (char === '{') return choice(scan, depth + 1)
  if (char !== '\\') return oneChar((it) => it === char)
  const quoted = scan.chars[scan.at]
  scan.at += 1
  return quoted === undefined ? undefined : oneChar((it) => it === quoted)
}

function range(scan: Scan): Step | undefined {
  const close = scan.chars.indexOf(']', scan.at + 1)
  if (close < 0) return undefined
  const negated = scan.chars[scan.at] === '!'
  const body = scan.chars.slice(scan.at + (negated ? 1 : 0), close)
  scan.at = close + 1
  const [low = '', dash, high = ''] = body
  const isRange = body.length === 3 && dash === '-'
  return oneChar((it) => (isRange ? it >= low && it <= high : body.includes(it)) !== negated)
}

function choice(scan: Scan, depth: number): Step | undefined {
  const options: Step[][] = []
  for (;;) {
    const steps = sequence(scan, depth)
    const end = scan.chars[scan.at]
    if (!steps || end === undefined) return undefined
    options.push(steps)
    scan.at += 1
    if (end === '}') break
  }
  return (text, from) => new Set(options.flatMap((steps) => [...run(steps, text, from)]))
}

function oneChar(accepts: (char: string) => boolean): Step {
  return (text, from) => {
    const reached = new Set<number>()
    for (const at of from) {
      const code = text.codePointAt(at)
      if (code === undefined) continue
      const char = String.fromCodePoint(code)
      if (accepts(char)) reached.add(at + char.length)
    }
    return reached
  }
}

/** Any number of characters, none of them `stop`. */
function anyRun(stop: string): Step {
  return (text, from) => {
    const reached = new Set<number>()
    for (const start of from) {
      for (let at = start; !reached.has(at); at += 1) {
        reached.add(at)
        if (at >= text.length || text[at] === stop) break
      }
    }
    return reached
  }
}
