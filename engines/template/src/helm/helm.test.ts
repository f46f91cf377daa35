import type { GoValue } from '@sluice/go'
import { noCrypto } from '@sluice/ports'
import { fakeClock, seededRandom } from '@sluice/ports/testing'
import { describe, expect, test } from 'vitest'
import { TemplateCache } from '../template-cache.ts'
import { chartFiles } from './chart-files.ts'
import { compileGlob } from './glob.ts'
import { helmFunctions } from './helm-functions.ts'
import { lookupKey, lookupPass } from './lookup.ts'
import { type HelmRenderOptions, helmValues, renderHelm } from './render.ts'

const functions = helmFunctions({ clock: fakeClock(0), random: seededRandom(1), crypto: noCrypto })
const cache = new TemplateCache(functions)
const helpers =
  '{{ define "name" }}{{ .Values.name | default "app" }}{{ end }}{{ define "bad" }}{{ .Values.name.x }}{{ end }}'

function render(text: string, options: Partial<HelmRenderOptions> = {}): string {
  const files = new Map([
    ['conf/a.txt', new TextEncoder().encode('one\ntwo\n')],
    ['b.bin', Uint8Array.of(1, 255)],
  ])
  const values = new Map<string, GoValue>([
    [
      'Values',
      helmValues(
        new Map<string, GoValue>([
          ['name', 'web'],
          ['port', 80],
        ]),
      ),
    ],
    ['Files', chartFiles(files)],
  ])
  const basePath = 'c/templates'
  const templates = new Map([
    [`${basePath}/_helpers.tpl`, { text: helpers, basePath, values }],
    [`${basePath}/t.yaml`, { text, basePath, values }],
  ])
  return renderHelm(templates, { functions, cache, ...options }).get(`${basePath}/t.yaml`) ?? ''
}

describe('a chart gives', () => {
  test.for([
    [
      '{{ include "name" . | upper }}{{ .Template.Name }} {{ .Template.BasePath }}',
      'WEBc/templates/t.yaml c/templates',
    ],
    ['[{{ .Values.none }}]', '[]'],
    ['{{ tpl "{{ include \\"name\\" . }}:{{ .Values.port }}" . }}', 'web:80'],
    ['{{ tpl "{{ define \\"in\\" }}I{{ end }}{{ include \\"in\\" 1 }}" . }}', 'I'],
    ['{{ required "need" .Values.name }}', 'web'],
    ['{{ toYaml (dict "b" (list 1 "x") "a" nil) | nindent 2 }}', '\n  a: null\n  b:\n  - 1\n  - x'],
    [
      '{{ (fromYaml "a: {b: 1}").a.b }}{{ fromYaml "- 1" }}',
      '1map[Error:error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go value of type map[string]interface {}]',
    ],
    ['{{ toJson (dict "<" 1.0) }}{{ fromJsonArray "[1]" }}', '{"\\u003c":1}[1]'],
    ['{{ regexFindAll "x" "y" -1 | toJson }}', 'null'],
    ['{{ toToml (dict "a" 1 "t" (dict "x" "y")) }}', 'a = 1\n\n[t]\n  x = "y"\n'],
    [
      '{{ .Files.Get "conf/a.txt" | len }}{{ .Files.Get "none" }}{{ .Files.Lines "conf/a.txt" }}{{ .Files.GetBytes "b.bin" }}',
      '8[one two][1 255]',
    ],
    [
      '{{ (.Files.Glob "conf/*").AsConfig }}|{{ (.Files.Glob "*.bin").AsSecrets }}',
      'a.txt: |\n  one\n  two|b.bin: Af8=',
    ],
    ['{{ lookup "v1" "Pod" "a" "b" }}', 'map[]'],
  ] as const)('%s', ([text, want]) => {
    expect(render(text)).toBe(want)
  })
})

describe("an error is told in Helm's words", () => {
  test.for([
    [
      '{{ include "bad" . }}',
      'c/templates/t.yaml:1:3\n  executing "c/templates/t.yaml" at <include "bad" .>:\n    error calling include:\nc/templates/_helpers.tpl:1:90\n  executing "bad" at <.Values.name.x>:\n    can\'t evaluate field x in type interface {}',
    ],
    [
      '{{ include "none" . }}',
      'c/templates/t.yaml:1:3\n  executing "c/templates/t.yaml" at <include "none" .>:\n    error calling include:\ntemplate: no template "none" associated with template "gotpl"',
    ],
    [
      '{{ required "port is needed" .Values.none }}',
      'execution error at (c/templates/t.yaml:1:3): port is needed',
    ],
    ['a\n{{ fail "no: way" }}', 'execution error at (c/templates/t.yaml:2:3): no: way'],
    ['{{ tpl "{{ fail `x` }}" . }}', 'execution error at (c/templates/t.yaml:1:3): x'],
    [
      '{{ index (list) 1 }}',
      'template: c/templates/t.yaml:1:3: executing "c/templates/t.yaml" at <index (list) 1>: error calling index: index out of range: 1',
    ],
    [
      '{{ tpl "{{" . }}',
      'template: c/templates/t.yaml:1:3: executing "c/templates/t.yaml" at <tpl "{{" .>: error calling tpl: cannot parse template "{{": template: gotpl:1: unclosed action',
    ],
    ['a\n{{ nope }}', 'parse error at (c/templates/t.yaml:2): function "nope" not defined'],
  ] as const)('%s', ([text, want]) => {
    expect(() => render(text)).toThrow(expect.objectContaining({ message: want }))
  })

  test('strict rendering has no missing keys', () => {
    expect(() => render('{{ .Values.none }}', { strict: true })).toThrow('map has no entry for key "none"')
    expect(() => render('{{ tpl "{{ .Values.none }}" . }}', { strict: true })).toThrow('no entry for key')
  })

  test('lint lets fail and required pass', () => {
    expect(render('{{ fail "x" }}{{ required "y" nil }}', { lint: true })).toBe('')
  })
})

test('lookups that miss are remembered, each once, and answered in the next pass', () => {
  const query = { apiVersion: 'v1', kind: 'Secret', namespace: 'ns', name: 's' }
  const text = '{{ (lookup "v1" "Secret" "ns" "s").data }}{{ (lookup "v1" "Secret" "ns" "s").data }}'
  const first = lookupPass(new Map())
  render(text, { lookup: first.lookup })
  expect(first.misses).toEqual([query])
  const second = lookupPass(new Map([[lookupKey(query), new Map([['data', 'd']])]]))
  expect(render(text, { lookup: second.lookup })).toBe('dd')
  expect(second.misses).toEqual([])
})

test('a recursion of includes ends', () => {
  expect(() => render('{{ define "r" }}{{ include "r" . }}{{ end }}{{ include "r" . }}')).toThrow(
    /nested reference name: r: unable to execute template$|maximum template depth/,
  )
})

describe('globs', () => {
  test.for([
    ['*.txt', 'a.txt', true],
    ['*.txt', 'd/a.txt', false],
    ['**.txt', 'd/a.txt', true],
    ['d/**', 'd/e/f', true],
    ['?.[a-c]', 'x.b', true],
    ['[!a]', 'a', false],
    ['{a,b*}/c', 'bb/c', true],
    ['a\\*', 'a*', true],
  ] as const)('%s matches %s: %s', ([pattern, path, want]) => {
    expect(compileGlob(pattern)?.(path)).toBe(want)
  })

  test('malformed and hostile patterns', () => {
    expect(compileGlob('[a')).toBeUndefined()
    expect(compileGlob('{a')).toBeUndefined()
    expect(compileGlob('*a'.repeat(50))?.('a'.repeat(2_000) + 'b')).toBe(false)
  })
})
