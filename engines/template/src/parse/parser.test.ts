import { describe, expect, test } from 'vitest'
import { nodeText } from './node-text.ts'
import { parseSource } from './parser.ts'

const functions = new Set(['printf', 'len', 'eq'])

function parse(text: string): string {
  const tree = parseSource('t', text, functions).get('t')
  return tree ? nodeText(tree.root) : ''
}

describe('a template shows as normalized source', () => {
  test.for([
    ['a {{- .x -}} b', 'a{{.x}}b'],
    ['{{/* gone */}}x{{- /* too */ -}} y', 'xy'],
    [
      '{{ range $i, $e := .list }}{{ $i }}{{ else }}none{{ end }}',
      '{{range $i, $e := .list}}{{$i}}{{else}}none{{end}}',
    ],
    ['{{if .a}}1{{else if .b}}2{{else}}3{{end}}', '{{if .a}}1{{else}}{{if .b}}2{{else}}3{{end}}{{end}}'],
    [
      '{{ with $v := .a.b }}{{ $v.c.d }}{{ else with .z }}z{{ end }}',
      '{{with $v := .a.b}}{{$v.c.d}}{{else}}{{with .z}}z{{end}}{{end}}',
    ],
    ['{{ printf "%d" (len .x) | printf `%s` }}', '{{printf "%d" (len .x) | printf `%s`}}'],
    ['{{ (printf "a").b.c }}{{ template "n" . }}', '{{(printf "a").b.c}}{{template "n" .}}'],
    [
      "{{ 'a' }}{{ 0x1F }}{{ 1e3 }}{{ -2i }}{{ nil | eq true }}",
      "{{'a'}}{{0x1F}}{{1e3}}{{-2i}}{{nil | eq true}}",
    ],
    ['{{ range 3 }}{{ break }}{{ continue }}{{ end }}', '{{range 3}}{{break}}{{continue}}{{end}}'],
  ] as const)('%s', ([text, want]) => {
    expect(parse(text)).toBe(want)
  })
})

describe('what does not parse says why and where', () => {
  test.for([
    ['{{', 't:1: unclosed action'],
    ['a\n{{ .x', 't:2: unclosed action'],
    ['{{ if .x', 't:1: unclosed action'],
    ['{{\n.x', 't:2: unclosed action started at t:1'],
    ['{{ .x }} {{ end }}', 't:1: unexpected {{end}}'],
    ['{{ if .x }}', 't:1: unexpected EOF'],
    ['{{ else }}', 't:1: unexpected {{else}}'],
    ['{{ nope }}', 't:1: function "nope" not defined'],
    ['{{ $x }}', 't:1: undefined variable "$x"'],
    ['{{ if $x := .a }}{{ end }}{{ $x }}', 't:1: undefined variable "$x"'],
    ['{{ $x, $y := 1 }}', 't:1: too many declarations in command'],
    ['{{ range $a, 1 := .x }}{{ end }}', 't:1: range can only initialize variables'],
    ['{{ | len }}', 't:1: unexpected "|" in command'],
    ['{{ $x := }}', 't:1: missing value for command'],
    ['{{ 1 | 2 }}', 't:1: non executable command in pipeline stage 2'],
    ['{{ break }}', 't:1: {{break}} outside {{range}}'],
    ['{{ define "a" }}{{ break }}{{ end }}', 't:1: {{break}} outside {{range}}'],
    ['{{ "a', 't:1: unterminated quoted string'],
    ['{{ `a', 't:1: unterminated raw quoted string'],
    ["{{ 'ab' }}", "t:1: malformed character constant: 'ab'"],
    ['{{ 1x }}', 't:1: bad number syntax: "1x"'],
    ['{{ 99999999999999999999 }}', 't:1: integer overflow: "99999999999999999999"'],
    ['{{ .x.. }}', 't:1: unexpected <.> in operand'],
    ['{{ ..x }}', 't:1: unexpected . after term "."'],
    ['{{ (len .x }}', 't:1: unclosed left paren'],
    ['{{ len .x) }}', 't:1: unexpected right paren'],
    ['{{ .x & }}', 't:1: unexpected "&" in operand'],
    ['{{ é# }}', "t:1: bad character U+0023 '#'"],
    ['{{/* a }}', 't:1: unclosed comment'],
    ['{{/* a */ x }}', 't:1: comment ends before closing delimiter'],
    [
      '{{ define "a" }}1{{ end }}{{ define "a" }}2{{ end }}',
      't:1: template: multiple definition of template "a"',
    ],
    ['{{ template }}', 't:1: unexpected "}}" in template clause'],
    ['{{ block "a" }}{{ end }}', 't:1: missing value for block clause'],
    ['{{ end x }}', 't:1: unexpected "x" in end'],
    ['{{ "\\z" }}', 't:1: invalid syntax'],
  ] as const)('%j', ([text, want]) => {
    expect(() => parse(text)).toThrow(`template: ${want}`)
  })

  test('nesting has a limit', () => {
    expect(() => parse(`{{ ${'('.repeat(2_000)}1${')'.repeat(2_000)} }}`)).toThrow(
      'max expression depth exceeded',
    )
    expect(() => parse('{{ if 1 }}'.repeat(2_000))).toThrow('max control structure depth exceeded')
  })
})
