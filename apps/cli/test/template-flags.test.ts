import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { stdoutOf } from './stdout-of.ts'

const root = mkdtempSync(join(tmpdir(), 'sluice-flags-'))
const configMap = (name: string, more = ''): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n${more}`
const hook = (event: string): string => `  annotations: { helm.sh/hook: ${event} }\n`

beforeAll(() => {
  mkdirSync(join(root, 'app/templates'), { recursive: true })
  mkdirSync(join(root, 'app/crds'))
  writeFileSync(join(root, 'app/Chart.yaml'), 'apiVersion: v2\nname: app\nversion: 1.0.0\n')
  writeFileSync(join(root, 'app/crds/crd.yaml'), 'kind: CustomResourceDefinition\n')
  writeFileSync(
    join(root, 'app/templates/main.yaml'),
    configMap(
      '{{ .Release.Name }}',
      'data:\n  upgrade: "{{ .Release.IsUpgrade }}"\n  a: {{ .Values.a | quote }}\n  kube: {{ .Capabilities.KubeVersion }}\n  apis: {{ .Capabilities.APIVersions.Has "x/v1" }}-{{ .Capabilities.APIVersions.Has "y/v1/Z" }}\n',
    ),
  )
  writeFileSync(join(root, 'app/templates/test.yaml'), configMap('test', hook('test')))
  writeFileSync(join(root, 'app/templates/hook.yaml'), configMap('hook', hook('pre-install')))
})
afterAll(() => rmSync(root, { recursive: true }))

const render = (...args: string[]): Promise<string> => stdoutOf(root, 'template', ...args)

test.for([
  [['--skip-tests'], [], ['name: test']],
  [['--skip-tests=true'], [], ['name: test']],
  [['--skip-tests=false'], ['name: test'], []],
  [['--skip-tests', '--skip-tests=F'], ['name: test'], []],
  [['--no-hooks'], [], ['name: hook', 'name: test']],
  [['--no-hooks=0'], ['name: hook'], []],
  [['--is-upgrade=1'], ['upgrade: "true"'], []],
  [['--include-crds', '--skip-crds'], ['kind: CustomResourceDefinition'], []],
  [['-a=x/v1', '--api-versions=y/v1/Z'], ['apis: true-true'], []],
  [['-a', 'x/v1,y/v1'], ['apis: true-false'], []],
  [['--kube-version=1.29'], ['kube: v1.29\n'], []],
  [['--set=a=b=c'], ['a: "b=c"'], []],
  [['-s=templates/h*.yaml'], ['name: hook'], ['name: web', 'name: test']],
  [['--dry-run', '--wait', '--server-side=false', '--hide-notes', '-l', 'a=b'], ['name: web'], []],
  [['--dry-run=client', '--wait=legacy', '--timeout=1m', '--qps', '3', '--atomic'], ['name: web'], []],
] as const)('%j', async ([flags, want, without]) => {
  // Flags without a value take none of the words that follow.
  for (const args of [
    ['web', 'app', ...flags],
    [...flags, 'web', 'app'],
  ]) {
    const printed = await render(...args)
    for (const text of want) expect(printed).toContain(text)
    for (const text of without) expect(printed).not.toContain(text)
  }
})

test.for([
  [['--skip-tests=maybe'], 'invalid argument "maybe" for "--skip-tests" flag: strconv.ParseBool'],
  [['--dry-run=server'], '--dry-run=server asks a cluster'],
  [['--dry-run=none'], 'invalid dry-run value ("none"). Must be "server" or "client"'],
  [['--validate'], '--validate asks a cluster'],
  [['--verify'], '--verify needs a keyring'],
  [['--post-renderer', 'x'], '--post-renderer runs a plugin'],
  [['--set', 'a={b'], /^failed parsing --set data: list must terminate with '}'$/],
  [['-s', '[a'], 'could not find template [a in chart'],
] as const)('%j is refused', async ([flags, message]) => {
  await expect(render('web', 'app', ...flags)).rejects.toThrow(message)
})
