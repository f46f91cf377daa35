import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { stdoutOf } from './stdout-of.ts'

const configMap = (name: string, more = ''): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n${more}`

/** Runs a test in a directory with files. */
async function inDirectory(
  files: Readonly<Record<string, string>>,
  run: (directory: string) => Promise<void>,
): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-template-'))
  try {
    for (const [path, content] of Object.entries(files)) {
      const file = join(directory, path)
      mkdirSync(join(file, '..'), { recursive: true })
      writeFileSync(file, content)
    }
    await run(directory)
  } finally {
    rmSync(directory, { recursive: true })
  }
}

const app = {
  'app/Chart.yaml': 'apiVersion: v2\nname: app\nversion: 1.0.0\n',
  'app/values.yaml': 'color: red\nsize: 1\n',
  'app/templates/one.yaml': configMap('{{ .Release.Name }}-{{ .Values.color }}-{{ .Values.size }}'),
  'app/templates/two.yaml': configMap('{{ .Release.Namespace }}'),
  'app/templates/test.yaml': configMap('test', '  annotations:\n    helm.sh/hook: test\n'),
  'more.yaml': 'color: blue\n',
}

test('template renders a chart with the flags of Helm', () =>
  inDirectory(app, async (directory) => {
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
  }))

test('template names a release as it is told to', () =>
  inDirectory(app, async (directory) => {
    const show = ['-s', 'templates/one.yaml']
    const named = (...args: string[]) => stdoutOf(directory, 'template', ...args, ...show)
    expect(await named('app')).toContain('name: release-name-red-1')
    expect(await named('app', '-g')).toContain('name: release-name-red-1')
    expect(await named('app', '--name-template', 'x-{{ "A" | lower }}')).toContain('name: x-a-red-1')
    await expect(named('web', 'app', '-g')).rejects.toThrow(
      'cannot set --generate-name and also specify a name',
    )
    await expect(named('web', 'app', '--name-template', 'x')).rejects.toThrow(
      'cannot set --name-template and also specify a name',
    )
    await expect(named('app', '--name-template', 'X')).rejects.toThrow('release name check failed')
  }))

test('template writes files, CRDs beside the directory of the release', () =>
  inDirectory({ ...app, 'app/crds/c.yaml': 'kind: CustomResourceDefinition\n' }, async (directory) => {
    const flags = ['--output-dir', 'out', '--release-name', '--include-crds']
    const printed = await stdoutOf(directory, 'template', 'web', 'app', ...flags)
    const out = join(directory, 'out')
    expect(printed.trim().split('\n')).toEqual([
      `wrote ${out}/app/crds/c.yaml`,
      `wrote ${out}/web/app/templates/one.yaml`,
      `wrote ${out}/web/app/templates/two.yaml`,
      `wrote ${out}/web/app/templates/test.yaml`,
    ])
    expect(readFileSync(join(out, 'web/app/templates/two.yaml'), 'utf8')).toBe(
      `---\n# Source: app/templates/two.yaml\n${configMap('default')}\n`,
    )
  }))

test('template takes the flags of an installation and tells what it cannot do', () =>
  inDirectory({ ...app, 'app/templates/bad.yaml': 'a: [' }, async (directory) => {
    const render = (...args: string[]) => stdoutOf(directory, 'template', 'web', 'app', ...args)
    await expect(render('--create-namespace', '--wait', '-l', 'a=b')).rejects.toThrow('YAML parse error')
    await expect(render('--dry-run=server')).rejects.toThrow('asks a cluster')
    await expect(stdoutOf(directory, 'template', 'web', 'app/templates')).rejects.toThrow(
      'unable to detect chart at',
    )
  }))
