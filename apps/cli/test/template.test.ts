import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { stdoutOf } from './stdout-of.ts'

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
    expect(await stdoutOf(directory, ...args, '--skip-tests')).toBe(
      `---\n# Source: app/templates/one.yaml\n${configMap('web-blue-2')}\n---\n# Source: app/templates/two.yaml\n${configMap('apps')}`,
    )
    expect(await stdoutOf(directory, ...args, '-s', 'templates/two.yaml')).toBe(
      `---\n# Source: app/templates/two.yaml\n${configMap('apps')}\n`,
    )
    expect(await stdoutOf(directory, 'template', 'app')).toContain('# Source: app/templates/test.yaml')
    await expect(stdoutOf(directory, ...args, '-s', 'templates/no.yaml')).rejects.toThrow(
      'could not find template templates/no.yaml in chart',
    )
    await expect(stdoutOf(directory, 'template', 'web', 'none')).rejects.toThrow('path "none" not found')
  } finally {
    rmSync(directory, { recursive: true })
  }
})
