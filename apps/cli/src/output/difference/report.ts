import type { JsonValue } from '@sluice/ports'
import { type Detail, type Difference, isList, typeOf } from './differences.ts'
import { lineChanges } from './line-changes.ts'
import { neatYaml } from './neat-yaml.ts'

/** The width that output has to fit into where it goes to no terminal. */
const width = 80
const separator = '   '
const numerals = 'no one two three four five six seven eight nine ten eleven twelve'.split(' ')

/**
 * Differences as people read them: a block for each place, with what was added, removed, changed or put in another order.
 *
 * Source: the human report of github.com/homeport/dyff v1.10 with the settings of Flux: no indentation, no colours.
 */
export function reportOf(differences: readonly Difference[]): string {
  return `${differences.map(blockOf).join('')}\n`
}

function blockOf({ path, details }: Difference): string {
  const place = path.length > 0 ? path.join('.') : '(root level)'
  return `\n${place}\n${sideBySide(details.map(detailText))}`
}

function detailText(detail: Detail): string {
  switch (detail.kind) {
    case 'added':
      return `+ ${counted(detail.value)} added:\n${indented(`${neatYaml(detail.value)}\n`)}`
    case 'removed':
      return `- ${counted(detail.value)} removed:\n${fitted(`${neatYaml(detail.value)}\n`)}`
    case 'reordered':
      return `⇆ order changed\n${orders(detail.before, detail.after)}`
    case 'changed':
      return changeText(detail.before, detail.after)
  }
}

function changeText(before: JsonValue, after: JsonValue): string {
  const [was, is] = [typeOf(before), typeOf(after)]
  if (typeof before === 'string' && typeof after === 'string') return stringChange(before, after)
  const title = was === is ? 'value change' : `type change from ${was} to ${is}`
  return `± ${title}\n${prefixed('- ', shown(before))}${prefixed('+ ', shown(after))}`
}

function stringChange(before: string, after: string): string {
  if (trimmed(before) === trimmed(after)) {
    return `± whitespace only change\n${sideBySide([
      prefixed('- ', marked(before)),
      prefixed('+ ', marked(after)),
    ])}`
  }
  if (!before.includes('\n') && !after.includes('\n')) {
    return `± value change\n${prefixed('- ', before)}${prefixed('+ ', after)}`
  }
  const changes = lineChanges(before, after)
  const count = (kind: 'added' | 'removed') => changes.filter((it) => it.kind === kind).length
  const title = `${plural(count('added'), 'insert')}, ${plural(count('removed'), 'deletion')}`
  const body = changes.map(({ kind, lines }) =>
    lines.map((line) => `${kind === 'added' ? '+' : '-'} ${line}\n`).join(''),
  )
  return `± value change in multiline text (${title})\n${body.join('')}\n`
}

/** With signs for what cannot be seen. */
function marked(text: string): string {
  return text.replaceAll('\n', '↵\n').replaceAll(' ', '·')
}

function trimmed(text: string): string {
  return text.replaceAll(/^[ \n]+|[ \n]+$/g, '')
}

function orders(before: readonly JsonValue[], after: readonly JsonValue[]): string {
  const [was, is] = [before.map(listedText), after.map(listedText)]
  const [oneLine, other] = [was.join(', '), is.join(', ')]
  if (Math.max(lengthOf(oneLine), lengthOf(other)) < width / 2) return `- ${oneLine}\n+ ${other}\n`
  return table([was.join('\n'), is.join('\n')], { gap: ' ', indent: 2 })
}

function listedText(value: JsonValue): string {
  return typeof value === 'string' && value !== '' ? value : shown(value)
}

function shown(value: JsonValue): string {
  return value === null ? '<nil>' : neatYaml(value)
}

function counted(value: JsonValue): string {
  return isList(value)
    ? plural(value.length, 'list entry', 'list entries')
    : plural(Object.keys(value as object).length, 'map entry', 'map entries')
}

function plural(count: number, one: string, many = `${one}s`): string {
  return `${numerals[count] ?? count} ${count === 1 ? one : many}`
}

/** The first line after the prefix, the others below it. */
function prefixed(prefix: string, text: string): string {
  return text
    .split('\n')
    .map((line, at) => `${at === 0 ? prefix : ' '.repeat(prefix.length)}${line}\n`)
    .join('')
}

function indented(text: string): string {
  return blocks([text], 2)
}

function fitted(text: string): string {
  return blocks([text], 0)
}

function sideBySide(texts: readonly string[]): string {
  return blocks(texts, 0)
}

/** Next to each other where the width allows it, else below each other. */
function blocks(texts: readonly string[], indent: number): string {
  const widths = texts.map((text) => Math.max(...text.split('\n').map(lengthOf)))
  const whole = widths.reduce((sum, it) => sum + it, indent + (texts.length - 1) * separator.length)
  if (whole <= width) return table(texts, { gap: separator, indent })
  return texts
    .flatMap((text) => text.split('\n'))
    .map((line) => `${' '.repeat(indent)}${line}\n`)
    .join('')
}

function table(
  columns: readonly string[],
  { gap, indent }: { readonly gap: string; readonly indent: number },
): string {
  const cells = columns.map((column) => column.split('\n'))
  const widths = cells.map((lines) => Math.max(...lines.map(lengthOf)))
  const rows = Math.max(...cells.map(({ length }) => length))
  return Array.from({ length: rows }, (_, row) =>
    cells
      .map((lines, at) => {
        const line = lines[row] ?? ''
        return `${' '.repeat(indent)}${line}${' '.repeat((widths[at] ?? 0) - lengthOf(line))}`
      })
      .join(gap)
      .replace(/ +$/, ''),
  ).join('\n')
}

function lengthOf(text: string): number {
  return Array.from(text).length
}
