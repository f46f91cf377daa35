import { TemplateError } from '../error.ts'

const startMark = 'HELM_ERR_START'
const endMark = 'HELM_ERR_END'

/** Marks a message of `fail` or `required`, so that it can be found in the text of the error around it. */
export function markMessage(message: string): string {
  return `${startMark}${message}${endMark}`
}

/**
 * The error of a template that does not parse, in Helm's words.
 *
 * Source: helm.sh/helm/v4 4.3.1, pkg/engine/engine.go, cleanupParseError.
 */
export function parseError(file: string, error: TemplateError): TemplateError {
  const parts = error.message.split(': ')
  const text =
    parts.length === 1
      ? `parse error in (${file}): ${error.message}`
      : `parse error at (${parts[1]}): ${parts.at(-1)}`
  return new TemplateError('TEMPLATE_PARSE', text, { cause: error })
}

/** One level of an error: where, in what, and why. */
type Level = { readonly location: string; readonly executing: string; readonly message: string }

/**
 * The error of a template that failed, in Helm 4's words: a marked message alone, or each level of includes on
 * lines of its own. An error whose causes are not all of templates stays as it is.
 *
 * Source: helm.sh/helm/v4 4.3.1, pkg/engine/engine.go, reformatExecErrorMsg.
 */
export function executionError(file: string, error: TemplateError): TemplateError {
  const text = executionText(file, error)
  return text === error.message
    ? error
    : new TemplateError(error.code as 'TEMPLATE_EXEC', text, { cause: error })
}

function executionText(file: string, error: TemplateError): string {
  const [, location, rest] = splitAtMost(error.message, ': ', 3)
  if (location === undefined || rest === undefined) return `execution error in (${file}): ${error.message}`
  const marked = markedMessage(rest)
  if (marked !== undefined) return `execution error at (${location}): ${marked}`
  const levels: Level[] = []
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    const level = readLevel(cause.message)
    if (!level) return error.message
    levels.push(level)
  }
  return levels.map(levelText).join('').trim()
}

/** From the first start mark to the last end mark. */
function markedMessage(text: string): string | undefined {
  const start = text.indexOf(startMark)
  const end = text.lastIndexOf(endMark)
  const from = start + startMark.length
  return start < 0 || end < from ? undefined : text.slice(from, end)
}

function readLevel(text: string): Level | undefined {
  const prefix = 'template: '
  if (!text.startsWith(prefix)) return undefined
  const rest = text.slice(prefix.length)
  if (rest.startsWith('no template ')) return { location: '', executing: '', message: text }
  return readExecuting(rest) ?? readSimple(rest)
}

function readExecuting(rest: string): Level | undefined {
  const mark = rest.indexOf(': executing ')
  if (mark < 0) return undefined
  const after = rest.slice(mark + ': executing '.length)
  const name = /^"([^"]*)"/.exec(after)
  const at = ' at <'
  if (!name || !after.startsWith(at, name[0].length)) return undefined
  const node = after.slice(name[0].length + at.length)
  const end = node.indexOf('>: ')
  if (end < 0) return undefined
  return {
    location: rest.slice(0, mark),
    executing: `executing ${name[0]} at <${node.slice(0, end)}>:`,
    message: withoutNested(node.slice(end + '>: '.length)),
  }
}

function readSimple(rest: string): Level | undefined {
  const colon = rest.lastIndexOf(': ')
  if (colon < 0) return undefined
  return { location: rest.slice(0, colon), executing: '', message: withoutNested(rest.slice(colon + 2)) }
}

/** The error of the level below follows in the text; it gets lines of its own. */
function withoutNested(message: string): string {
  const nested = message.indexOf(' template:')
  return nested < 0 ? message : message.slice(0, nested)
}

function levelText({ location, executing, message }: Level): string {
  const lines = [
    location === '' ? '' : `${location}\n  `,
    executing === '' ? '' : `${executing}\n    `,
    message === '' ? '' : `${message}\n`,
  ]
  return lines.join('')
}

function splitAtMost(text: string, separator: string, count: number): string[] {
  const parts = text.split(separator)
  return parts.length <= count
    ? parts
    : [...parts.slice(0, count - 1), parts.slice(count - 1).join(separator)]
}
