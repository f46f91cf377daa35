import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { seededRandom } from '@sluice/ports/testing'
import { afterAll, expect, test } from 'vitest'
import { unifiedDiff } from './unified-diff.ts'

const directory = mkdtempSync(join(tmpdir(), 'sluice-diff-'))
afterAll(() => rmSync(directory, { recursive: true }))

const numbers = (count: number): string[] => Array.from({ length: count }, (_, i) => `line ${i}`)
const text = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('')

test.each<[before: string, after: string, want: string]>([
  ['a\n', 'a\n', ''],
  ['a\n', 'b\n', '--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n+b\n'],
  ['', 'a\n', '--- a/f\n+++ b/f\n@@ -0,0 +1 @@\n+a\n'],
  ['a\nb', 'a\nb\n', '--- a/f\n+++ b/f\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n'],
])('%j to %j', (before, after, want) => {
  expect(unifiedDiff(['a/f', 'b/f'], [before, after])).toBe(want)
})

test('patches made of it give the second text', () => {
  const random = seededRandom(7)
  for (let round = 0; round < 12; round += 1) {
    const before = numbers(60)
    const after = before.flatMap((line) => {
      const chance = random.float()
      if (chance < 0.05) return []
      return chance < 0.15 ? [`${line} changed`] : chance < 0.2 ? [line, 'new'] : [line]
    })
    const file = join(directory, 'f')
    writeFileSync(file, text(before))
    const patch = unifiedDiff(['a/f', 'b/f'], [text(before), text(after)])
    const patched = execFileSync('git', ['apply', '--recount', '-'], { cwd: directory, input: patch })
    expect(patched.toString()).toBe('')
    expect(execFileSync('cat', [file]).toString()).toBe(text(after))
  }
})

test('texts without anything in common cost no more than their lines', () => {
  const [before, after] = [numbers(20_000), numbers(20_000).map((line) => `other ${line}`)]
  const lines = unifiedDiff(['a/f', 'b/f'], [text(before), text(after)]).split('\n')
  expect(lines).toHaveLength(40_000 + 4)
})
