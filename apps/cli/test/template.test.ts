import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLogger } from '@sluice/ports'
import { fakeClock } from '@sluice/ports/testing'
import { expect, test } from 'vitest'
import { createProgram } from '../src/program.ts'

const configMap = (name: string, more = ''): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n${more}`

test('template renders a chart with the flags of Helm', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-template-'))
  try {
    for (const [path, content] of [
      ['app/Chart.yaml', 'apiVersion: v2\nname: app\nversion: 1.0.0\n'],
      ['app/values.yaml', 'color: red\nsize: 1\n'],
      ['app/templates/one.yaml', configMap('{{ .Release.Name }}-{{ .Values.color }}-{{ .Values.size }}')],
      ['app/templates/two.yaml', configMap('{{ .Release.Namespace }}')],
      ['app/templates/test.yaml', configMap('test', '  annotations:\n    helm.sh/hook: test\n')],
      ['more.yaml', 'color: blue\n'],
    ] as const) {
      const file = join(directory, path)
      mkdirSync(join(file, '..'), { recursive: true })
      writeFileSync(file, content)
    }
    const args = ['template', 'web', 'app', '-f', 'more.yaml', '--set', 'size=2', '-n', 'apps']
    expect(await run(directory, ...args, '--skip-tests')).toBe(
      `---\n# Source: app/templates/one.yaml\n${configMap('web-blue-2')}\n---\n# Source: app/templates/two.yaml\n${configMap('apps')}`,
    )
    expect(await run(directory, ...args, '-s', 'templates/two.yaml')).toBe(
      `---\n# Source: app/templates/two.yaml\n${configMap('apps')}\n`,
    )
    expect(await run(directory, 'template', 'app')).toContain('# Source: app/templates/test.yaml')
    await expect(run(directory, ...args, '-s', 'templates/no.yaml')).rejects.toThrow(
      'could not find template templates/no.yaml in chart',
    )
    await expect(run(directory, 'template', 'web', 'none')).rejects.toThrow('path "none" not found')
  } finally {
    rmSync(directory, { recursive: true })
  }
})

/** Runs without a cluster; returns what went to stdout. */
async function run(workingDirectory: string, ...args: readonly string[]): Promise<string> {
  let stdout = ''
  const program = createProgram(
    'sluice',
    {
      terminal: {
        out: (text) => {
          stdout += text
        },
        err: () => {},
        interactive: false,
        columns: 120,
      },
      clock: fakeClock(0),
      workingDirectory,
      environment: {},
      signal: new AbortController().signal,
      confirm: () => Promise.resolve(false),
      connect: () => Promise.reject(new Error('there is no cluster')),
    },
    () => silentLogger,
  )
  await program.parseAsync(args, { from: 'user' })
  return stdout
}
