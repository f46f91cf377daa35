import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type PolicyImage, setImages } from '@sluice/image'
import { seededRandom } from '@sluice/ports/testing'
import { findCommentedScalars, YamlError } from '@sluice/yaml'
import { expect, test } from 'vitest'

const project = fileURLToPath(new URL('../..', import.meta.url))
const recordings = ['flux', 'kustomize', 'helm'].map((suite) => join(project, '../shared/conformance', suite))
const ownFiles = ['examples', 'engines/kustomize', 'engines/chart'].map((folder) => join(project, folder))
const enoughFiles = existsSync(recordings[0] ?? '') ? 200 : 10
const mostFiles = 700
const mostBytes = 256 * 1024
const marksAFile = 6

const policy: PolicyImage = { namespace: 'ns', name: 'app', image: { name: 'r.io/app', tag: 'v9-marked' } }
const comment = ' # {"$imagepolicy": "ns:app:tag"}'

test('markers in real files change their values and not a byte else', () => {
  let marked = 0
  const problems: string[] = []
  for (const path of realFiles()) {
    const text = readFileSync(path, 'utf8')
    // YAML 1.1 counts more lines than this test does.
    if (/[\x85\u2028\u2029]/.test(text)) continue
    const found = [text, crlf(text), `\ufeff${text}`].map((variant) => checkMarks(variant))
    if (found.every(({ marks }) => marks > 0)) marked += 1
    problems.push(...found.flatMap((it) => it.problems.map((problem) => `${path}: ${problem}`)))
  }
  expect(problems).toEqual([])
  expect(marked).toBeGreaterThanOrEqual(enoughFiles)
}, 120_000)

/** Marks some values of a text, sets them, and compares line by line. */
function checkMarks(text: string): { readonly marks: number; readonly problems: readonly string[] } {
  const lines = text.split('\n')
  const random = seededRandom(text.length)
  const candidates = lines.flatMap((line, i) => (isPlainEntry(line) ? [i] : []))
  const chosen = new Set(
    Array.from(
      { length: marksAFile },
      () => candidates[Math.floor(random.float() * candidates.length)] ?? -1,
    ),
  )
  const before = lines.map((line, i) => (chosen.has(i) ? mark(line) : line))
  const input = before.join('\n')
  const { files, problemFiles } = setImages([['file.yaml', input]], [policy])
  // Files that are no objects are left alone.
  const marks = problemFiles.length > 0 ? new Set<number>() : marksIn(input)
  const after = (files.get('file.yaml') ?? input).split('\n')
  const want = before.map((line, i) => (marks.has(i) ? replaced(line) : line))
  const differences = want.flatMap((line, i) =>
    line === after[i] ? [] : [`${i + 1}: ${after[i]}, not ${line}`],
  )
  return { marks: marks.size, problems: after.length === want.length ? differences : ['other lines'] }
}

/** Lines with markers that are comments, rather than part of a block text. */
function marksIn(input: string): ReadonlySet<number> {
  try {
    const scalars = findCommentedScalars(input).filter((it) => comment.endsWith(it.comment.trim()))
    return new Set(scalars.map((it) => it.line - 1))
  } catch (error) {
    if (error instanceof YamlError) return new Set()
    throw error
  }
}

/** `key: value`, perhaps an item of a list, with a value on the line that nothing comes after. */
function isPlainEntry(line: string): boolean {
  return /^\s*(?:- )?[\w./-]+:[ ]+(?:[\w][\w./:-]*|'[^']*'|"[^"\\]*")\s*$/.test(line)
}

function mark(line: string): string {
  return line.endsWith('\r') ? `${line.slice(0, -1)}${comment}\r` : `${line}${comment}`
}

function replaced(line: string): string {
  const [, head = '', value = '', tail = ''] =
    /^(.*?:[ ]+)(\S.*?)(\s* # \{"\$imagepolicy.*)$/s.exec(line) ?? []
  const quote = /^['"]/.exec(value)?.[0] ?? ''
  return `${head}${quote}v9-marked${quote}${tail}`
}

function crlf(text: string): string {
  return text.replaceAll(/\r?\n/g, '\r\n')
}

/** YAML files from the recordings, evenly picked, and from the project. */
function realFiles(): readonly string[] {
  const all = [...ownFiles, ...recordings].flatMap((folder) =>
    existsSync(folder)
      ? readdirSync(folder, { recursive: true, encoding: 'utf8' })
          .filter((name) => /\.ya?ml$/.test(name) && !name.includes('node_modules'))
          .map((name) => join(folder, name))
      : [],
  )
  const files = all.filter((path) => {
    const stat = statSync(path)
    return stat.isFile() && stat.size <= mostBytes
  })
  const step = Math.max(1, Math.floor(files.length / mostFiles))
  return files.toSorted().filter((_, i) => i % step === 0)
}
