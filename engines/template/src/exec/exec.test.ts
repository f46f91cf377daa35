import { GoFunction, GoMap, GoObject, GoSlice, type GoValue, goInt } from '@sluice/go'
import { describe, expect, test } from 'vitest'
import { define } from '../functions.ts'
import { parseTemplates, TemplateSet } from '../template-set.ts'

const person = new GoObject(
  '*main.Person',
  new Map<string, GoValue>([
    ['Name', 'Ann'],
    ['Tags', new GoSlice('[]string', ['a', 'b'])],
  ]),
  new Map([
    ['Greet', define(['string'], (word) => `${word}, Ann`)],
    [
      'Fail',
      define([], () => {
        throw new TypeError('a bug')
      }),
    ],
  ]),
)
const data = new Map<string, GoValue>([
  ['s', 'text'],
  ['n', 5],
  ['i', goInt(3)],
  ['nil', null],
  ['list', ['x', 'y', 2]],
  [
    'map',
    new Map<string, GoValue>([
      ['b', 2],
      ['a', new Map([['deep', true]])],
    ]),
  ],
  ['typed', new GoMap('map[string]int', new Map([['one', goInt(1)]]))],
  ['person', person],
  ['fn', new GoFunction(['int'], ([x]) => x)],
])

function render(text: string, missingKey: 'invalid' | 'zero' | 'error' = 'invalid'): string {
  return new TemplateSet().add(parseTemplates('t', text)).render('t', data, { missingKey })
}

describe('a template gives', () => {
  test.for([
    ['{{ .s }} {{ .map.a.deep }} {{ .missing }} {{ .nil }}', 'text true <no value> <no value>'],
    ['{{ range .list }}[{{ . }}]{{ end }}', '[x][y][2]'],
    ['{{ range $i, $e := .list }}{{ $i }}{{ $e }} {{ end }}', '0x 1y 22 '],
    ['{{ range $k, $v := .map }}{{ $k }};{{ end }}', 'a;b;'],
    ['{{ range $k, $v := .typed }}{{ $k }}={{ $v }}{{ end }}', 'one=1'],
    ['{{ range 3 }}{{ . }}{{ end }}{{ range $x := .i }}{{ $x }}{{ end }}', '012012'],
    ['{{ range .missing }}x{{ else }}none{{ end }}', 'none'],
    ['{{ range .list }}{{ if eq . "y" }}{{ break }}{{ end }}{{ . }}{{ end }}', 'x'],
    ['{{ range .list }}{{ if eq . "x" }}{{ continue }}{{ end }}{{ break }}{{ end }}', ''],
    ['{{ with .map.a }}{{ .deep }}{{ $.s }}{{ end }}', 'truetext'],
    ['{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ $x := 3 }}{{ end }}{{ $x }}', '2'],
    ['{{ and 1 0 2 }} {{ or 0 "" "z" }} {{ not .nil }} {{ and .s | len }}', '0 z true 4'],
    [
      '{{ eq 1 2 1 }} {{ ne "a" "b" }} {{ lt 1 2 }} {{ ge 2.5 2.5 }} {{ gt "b" "a" }}',
      'true true true true true',
    ],
    ['{{ index .list 1 }} {{ index .map "a" "deep" }} {{ len "é" }} {{ slice "abcd" 1 3 }}', 'y true 2 bc'],
    [
      '{{ printf "%05.1f|%q" 3.14159 "a" }} {{ print 1 2 "x" }} {{ println "a" | html }}',
      '003.1|"a" 1 2x a\n',
    ],
    [
      '{{ .person.Name }} {{ .person.Greet "Hi" }} {{ "Ho" | .person.Greet }} {{ .person }}',
      'Ann Hi, Ann Ho, Ann {Ann [a b]}',
    ],
    ['{{ call .fn 3 }} {{ (index .person.Tags 1) }}', '3 b'],
    [
      '{{ define "x" }}<{{ . }}{{ $ }}>{{ end }}{{ template "x" .s }}{{ block "y" 1 }}{{ . }}{{ end }}',
      '<texttext>1',
    ],
    [
      "{{ 1 }}{{ 1.0 }}{{ 0x10 }}{{ 1e6 }}{{ 'a' }}{{ 1_000 }}{{ 2i }}",
      '1116 1e+06971000(0+2i)'.replace(' ', ''),
    ],
  ] as const)('%s', ([text, want]) => {
    expect(render(text)).toBe(want)
  })

  test('what the option for missing keys says', () => {
    expect(render('{{ .missing }}|{{ .typed.two }}', 'zero')).toBe('<no value>|0')
    expect(() => render('{{ .missing }}', 'error')).toThrow('map has no entry for key "missing"')
  })
})

describe("an error has its place and Go's words", () => {
  test.for([
    ['{{ .s.x }}', 't:1:5: executing "t" at <.s.x>: can\'t evaluate field x in type interface {}'],
    ['{{ $s := .s }}{{ $s.x }}', 't:1:19: executing "t" at <$s.x>: can\'t evaluate field x in type string'],
    [
      '{{ range .list }}{{ .y }}{{ end }}',
      't:1:20: executing "t" at <.y>: can\'t evaluate field y in type interface {}',
    ],
    ['é\n{{ .nil.x }}', 't:2:7: executing "t" at <.nil.x>: nil pointer evaluating interface {}.x'],
    [
      '{{ .person.Nope }}',
      't:1:10: executing "t" at <.person.Nope>: can\'t evaluate field Nope in type interface {}',
    ],
    ['{{ .person.Greet 1 }}', 't:1:17: executing "t" at <1>: expected string; found 1'],
    [
      '{{ index .list 9 }}',
      't:1:3: executing "t" at <index .list 9>: error calling index: index out of range: 9',
    ],
    [
      '{{ eq 1 "a" }}',
      't:1:3: executing "t" at <eq 1 "a">: error calling eq: incompatible types for comparison: int and string',
    ],
    ['{{ len 3 }}', 't:1:3: executing "t" at <len 3>: error calling len: len of type int'],
    ['{{ len }}', 't:1:3: executing "t" at <len>: wrong number of args for len: want 1 got 0'],
    ['{{ nil }}', 't:1:3: executing "t" at <nil>: nil is not a command'],
    ['{{ .s 1 }}', 't:1:3: executing "t" at <.s>: s is not a method but has arguments'],
    ['{{ range .s }}{{ end }}', 't:1:9: executing "t" at <.s>: range can\'t iterate over text'],
    ['{{ template "none" }}', 't:1:12: executing "t" at <{{template "none"}}>: template "none" not defined'],
    ['{{ .fn }}', 't:1:3: executing "t" at <{{.fn}}>: can\'t print {{.fn}} of type func(int) interface {}'],
    [
      '{{ slice .list .n }}',
      't:1:3: executing "t" at <slice .list .n>: error calling slice: cannot index slice/array with type interface {}',
    ],
  ] as const)('%s', ([text, want]) => {
    expect(() => render(text)).toThrow(`template: ${want}`)
  })
})

test('a bug in a function is no error of the template', () => {
  expect(() => render('{{ .person.Fail }}')).toThrow(TypeError)
})

test('nothing of JavaScript can be reached', () => {
  for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'get', 'size']) {
    expect(render(`{{ .${name} }}{{ .map.${name} }}`)).toBe('<no value><no value>')
    expect(() => render(`{{ .s.${name} }}`)).toThrow("can't evaluate field")
    expect(() => render(`{{ .list.${name} }}`)).toThrow("can't evaluate field")
    expect(() => render(`{{ .person.${name} }}`)).toThrow("can't evaluate field")
    expect(() => parseTemplates('t', `{{ ${name} }}`)).toThrow('not defined')
  }
})

describe('a run is bounded', () => {
  test.for([
    ['{{ range 1000000000 }}{{ end }}', 'more than 10000 steps were taken'],
    ['{{ range 1000 }}{{ printf "%1000d" 1 }}{{ end }}', 'more than 100000 bytes were made'],
    ['{{ printf "%1000000d" 1 }}', 'more than 100000 bytes were made'],
    ['{{ $x := "xx" }}{{ range 100 }}{{ $x = print $x $x }}{{ end }}', 'bytes were made'],
    ['{{ define "r" }}{{ template "r" . }}{{ end }}{{ template "r" . }}', 'exceeded maximum template depth'],
  ] as const)('%s', ([text, want]) => {
    expect(bounded(text)).toThrow(want)
    expect(bounded(text)).toThrow(expect.objectContaining({ code: 'TEMPLATE_BOUNDS' }))
  })

  test('even where the stack ends before the depth', () => {
    const set = new TemplateSet().add(
      parseTemplates(
        't',
        '{{ define "r" }}{{ with . }}{{ with . }}{{ template "r" . }}{{ end }}{{ end }}{{ end }}{{ template "r" . }}',
      ),
    )
    expect(() => set.render('t', data, { limits: { depth: 1_000_000 } })).toThrow(
      'exceeded maximum template depth',
    )
    expect(set.render('t', null)).toBe('')
  })
})

function bounded(text: string): () => string {
  const set = new TemplateSet().add(parseTemplates('t', text))
  return () => set.render('t', data, { limits: { steps: 10_000, bytes: 100_000, depth: 50 } })
}
