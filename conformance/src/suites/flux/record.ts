import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { JsonValue } from '@sluice/ports'
import { Mismatch } from '../../suite.ts'
import { artifactListing } from './artifact-listing.ts'
import { compareEvents } from './compare/events.ts'
import { type Compare, difference, find, type Live, recordedObject } from './compare/live.ts'
import { compareManagers, compareObject } from './compare/objects.ts'
import { compareTables } from './compare/tables.ts'
import { commitObject, gitLog } from './git-log.ts'
import { recordedRelease, untimedRelease } from './helm-record.ts'
import { firstDifference, normalizeCommit, normalizeGitLog, normalizeText } from './normalize.ts'

/** Files of one `expected/NAME` folder, relative to it. */
export function recordedFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(folder, name)).isFile())
    .toSorted()
}

/** Compares one recorded file with the live state. Returns the first difference. */
export async function compareRecorded(folder: string, name: string, live: Live): Promise<string | undefined> {
  const compare = comparisonOf(name)
  if (!compare) throw new Mismatch('this kind of record is not compared yet')
  return compare(join(folder, name), live)
}

function comparisonOf(name: string): Compare | undefined {
  if (name.endsWith('.managers.json') || name.includes('managers/')) return compareManagers
  if (name.endsWith('.absent')) return compareAbsent
  if (name.includes('helm-storage/') && name.endsWith('.release.json')) return compareRelease
  if (name.includes('helm-storage/') && name.endsWith('.yaml')) return compareObject
  if (name === 'helm-ls.txt') return compareReleaseList
  if (name === 'describe.txt') return compareDescription
  if (name.includes('applied/') && name.endsWith('.yaml')) return compareObject
  if (name === 'table.txt') return compareTables
  if (name.endsWith('events.json')) return compareEvents
  if (name === 'storage-files.txt') return compareStorage
  if (/^artifact-.*\.json$/.test(name)) return compareArtifact
  if (name.startsWith('git-log-')) return compareGitLog
  if (name === 'commit-objects.json') return compareCommits
  if (/(?:^|\/)[A-Z]\w+-[^/]*\.yaml$/.test(name)) return compareObject
  return undefined
}

const compareRelease: Compare = async (file, live) => {
  const secret = await find(recordedObject(file.replace(/\.release\.json$/, '.yaml')), live)
  if (!secret) return 'the record does not exist'
  const want = untimedRelease(JSON.parse(readFileSync(file, 'utf8')))
  return difference(recordedRelease(secret, want), want, live)
}

const compareReleaseList: Compare = async (file, live) => {
  const { stdout } = await live.helm(['ls', '-n', live.namespace])
  const lines = (text: string): string[] =>
    text
      .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[.\d]* \+0000 UTC/g, '<time>')
      .split('\n')
      .map((line) =>
        normalizeText(
          line
            .split(/\t/)
            .map((cell) => cell.trim())
            .join('  '),
          live.commits,
        ),
      )
      .filter(Boolean)
  return firstDifference(lines(stdout), lines(readFileSync(file, 'utf8')))
}

/** The only object of the kind that is described in its table. */
const compareDescription: Compare = async (file, live) => {
  const want = readFileSync(file, 'utf8')
  const [, name = ''] = /^Name:\s+(\S+)$/m.exec(want) ?? []
  const [, kind = ''] = /^Kind:\s+(\S+)$/m.exec(want) ?? []
  const { stdout } = await live.kubectl(['describe', kind, name, '-n', live.namespace])
  const lines = (text: string): string[] =>
    text
      .split('\n')
      .map((line) =>
        normalizeText(line.trim().replaceAll(/\s{2,}/g, '  '), live.commits)
          .replace(/^(Resource Version: ).*/, '$1 <version>')
          .replace(/^(Normal|Warning)(  \S+  )\S+(?: \(x\d+ over \S+\))?/, '$1$2<age>'),
      )
      .filter(Boolean)
  return firstDifference(lines(stdout), lines(want))
}

const compareAbsent: Compare = async (file, live) => {
  const [, kind = '', name = ''] = /([a-z]+)-([^/]+)\.absent$/.exec(file) ?? []
  const { stdout, exitCode } = await live.kubectl(['get', kind, name, '-n', live.namespace, '-o', 'name'])
  return exitCode === 0 && stdout !== '' ? `${kind}/${name} exists` : undefined
}

const compareArtifact: Compare = async (file, live) => {
  const want = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly entries?: JsonValue
    readonly artifact: JsonValue
  }
  const [, kind = '', name = ''] = /artifact-([a-z]+)-(.+)\.json$/.exec(file) ?? []
  const { stdout, stderr } = await live.kubectl(['get', kind, name, '-n', live.namespace, '-o', 'json'])
  if (stdout === '') return stderr
  const { status } = JSON.parse(stdout) as {
    readonly status?: { readonly artifact?: { readonly url: string } }
  }
  if (!status?.artifact) return `${kind}/${name} has no artifact`
  const bytes = await live.fetchArtifact(status.artifact.url)
  // An index is no archive; a chart has the times of its packing, not those of its content.
  const entries = want.entries === undefined ? undefined : artifactListing(bytes)
  const [got, wanted] =
    kind === 'helmchart' ? [entries, want.entries].map(withoutTimes) : [entries, want.entries]
  return difference(
    { artifact: status.artifact, entries: got },
    { artifact: want.artifact, entries: wanted },
    live,
  )
}

function withoutTimes(entries: JsonValue | undefined): JsonValue | undefined {
  if (!Array.isArray(entries)) return undefined
  return entries.map((entry: object) => ({ ...entry, mtime: 0 }))
}

/** Files below the storage's folder of the namespace. */
const compareStorage: Compare = async (file, live) => {
  const want = readFileSync(file, 'utf8').split('\n').filter(Boolean)
  const [top = ''] = want
  const folder = join(live.artifactDirectory, top)
  const got = [top, ...(existsSync(folder) ? recordedTree(folder) : []).map((name) => `${top}/${name}`)]
  const names = got.map((name) => normalizeText(name, live.commits)).toSorted()
  return firstDifference(names, want.toSorted())
}

/** What is on a branch, with all changes. */
const compareGitLog: Compare = async (file, live) => {
  const lines = (text: string): string[] => normalizeGitLog(text, live.commits).split('\n')
  const got = gitLog(live.gitDirectory, basename(file))
  return got === undefined
    ? 'there is no such branch'
    : firstDifference(lines(got), lines(readFileSync(file, 'utf8')))
}

/** Commits as Git keeps them, by branch. */
const compareCommits: Compare = async (file, { gitDirectory, commits }) => {
  const want = JSON.parse(readFileSync(file, 'utf8')) as Readonly<Record<string, string>>
  const normalized = (text: string): string => normalizeCommit(text, commits)
  const got = Object.keys(want).map((branch) => [
    branch,
    normalized(commitObject(gitDirectory, branch) ?? ''),
  ])
  const wanted = Object.entries(want).map(([branch, text]) => [branch, normalized(text)])
  return firstDifference(Object.fromEntries(got), Object.fromEntries(wanted))
}

function recordedTree(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted()
}
