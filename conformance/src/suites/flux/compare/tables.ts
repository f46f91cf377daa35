import { readFileSync } from 'node:fs'
import type { KubeObject } from '@sluice/ports'
import { type KindDefinition, kindDefinitions } from '@sluice/toolkit'
import { firstDifference, normalizeTable } from '../normalize.ts'
import type { Compare, Live } from './live.ts'

const cutAddress = '12<age>'

/** What `kubectl get` prints. The line of an object may be one of the moment that its own record shows, or later. */
export const compareTables: Compare = async (file, live) => {
  const text = readFileSync(file, 'utf8')
  const want = linesOf(text, live)
  const tables: string[] = []
  for (const [command, resource = ''] of text.matchAll(/^\$ kubectl get (\S+)$/gm)) {
    // Sequential: the tables are printed in the recorded order.
    const { stdout } = await live.kubectl(['get', resource, '-n', live.namespace])
    const lines = linesOf(`${command}\n${asCut(stdout, text)}`, live)
    tables.push(...atMoments(lines, tableIn(want, lines[0]), { definition: definitionOf(resource), live }))
  }
  return firstDifference(tables, want)
}

/** Where recordings have an address cut off like an age, ours is cut the same way. */
function asCut(table: string, want: string): string {
  return want.includes(cutAddress)
    ? table.replaceAll(/(?<=\s{2})127\.0\.0\.1:\S+(?=\s{2})/g, cutAddress)
    : table
}

function linesOf(text: string, { commits }: Pick<Live, 'commits'>): string[] {
  return normalizeTable(text, commits).split('\n').filter(Boolean)
}

/** Lines of one command and what it printed. */
function tableIn(lines: readonly string[], command: string | undefined): readonly string[] {
  const start = lines.findIndex((it) => it === command)
  const length = lines.slice(start + 1).findIndex((it) => it.startsWith('$ '))
  return lines.slice(start, length < 0 ? undefined : start + 1 + length)
}

function definitionOf(resource: string): KindDefinition | undefined {
  const [word] = resource.split('.')
  return kindDefinitions.find(({ kind, plural }) => word === kind.toLowerCase() || word === plural)
}

type Shown = { readonly definition: KindDefinition | undefined; readonly live: Live }

/** The table with lines that are recorded and not live, as far as objects really had them. */
function atMoments(
  lines: readonly string[],
  recorded: readonly string[],
  { definition, live }: Shown,
): readonly string[] {
  const [command = '', header = recorded[1] ?? '', ...rows] = lines
  if (!definition) return lines
  const byName = new Map(rows.map((row) => [nameIn(row), row]))
  for (const row of recorded.slice(2).filter((it) => !rows.includes(it))) {
    const object = namedObject(nameIn(row), { definition, live })
    if (earlierRows(object, header, live).includes(row)) byName.set(nameIn(row), row)
  }
  if (byName.size === 0) return lines
  const names = [...byName.keys()].toSorted((a, b) => (a < b ? -1 : 1))
  return [command, header, ...names.flatMap((name) => byName.get(name) ?? [])]
}

function nameIn(row: string): string {
  return row.split('  ', 1)[0] ?? ''
}

function namedObject(name: string, { definition, live }: Shown): KubeObject {
  const { group = '', storage = '', kind = '' } = definition ?? {}
  return { apiVersion: `${group}/${storage}`, kind, metadata: { namespace: live.namespace, name } }
}

/** Lines that an object has had since the moment that the record shows. */
function earlierRows(object: KubeObject, header: string, live: Live): readonly string[] {
  const moment = live.moments.leftBehind(object)
  if (!moment) return []
  return live.timeline
    .versionsOf(object)
    .filter(({ revision }) => revision >= moment.revision)
    .flatMap(({ row }) => linesOf(`${header}\n${row}`, live).slice(1))
}
