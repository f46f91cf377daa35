import { describe, expect, test } from 'vitest'
import { parseDocument, parseDocuments } from './composer.ts'
import type { YamlNode } from './node.ts'

/** A tree in short: `key: value` lists with tags and styles where they are not the usual ones. */
function outline(node: YamlNode | undefined): string {
  if (!node) return '-'
  const marks = [
    node.anchor && `&${node.anchor}`,
    node.tagged && node.tag,
    node.style !== 'plain' && node.style,
  ]
  const prefix = marks.filter(Boolean).join(' ')
  const body = {
    scalar: () => JSON.stringify(node.value),
    alias: () => `*${node.value}`,
    sequence: () => `[${node.content.map(outline).join(', ')}]`,
    mapping: () => `{${node.content.map(outline).join(', ')}}`,
    document: () => node.content.map(outline).join(),
  }[node.kind]()
  return prefix === '' ? body : `${prefix} ${body}`
}

describe('parseDocument', () => {
  test.for([
    ['a: 1\nb:\n- x\n- y: z\n', '{"a", "1", "b", ["x", {"y", "z"}]}'],
    ['{a: [1, {b: c}], "d": }', 'flow {"a", flow ["1", flow {"b", "c"}], double "d", ""}'],
    ['[a: 1, b]', 'flow [flow {"a", "1"}, "b"]'],
    ['? a\n: b\n? c\n', '{"a", "b", "c", ""}'],
    ["k: 'it''s'\n", '{"k", single "it\'s"}'],
    ['k: "a\\tb\\x41\\u00e9\\\n  c"\n', '{"k", double "a\\tbAéc"}'],
    ['k: a\n  b\n\n  c\n', '{"k", "a b\\nc"}'],
    ['k: |\n  a\n   b\n\n', '{"k", literal "a\\n b\\n"}'],
    ['k: |+\n  a\n\n', '{"k", literal "a\\n\\n"}'],
    ['k: >-\n  a\n  b\n\n  c\n', '{"k", folded "a b\\nc"}'],
    ['k: |2\n    a\n', '{"k", literal "  a\\n"}'],
    ['a: &x 1\nb: *x\n', '{"a", &x "1", "b", *x}'],
    [
      'a: !!str 1\nb: !local x\nc: !<tag:yaml.org,2002:int> 5',
      '{"a", !!str "1", "b", !local "x", "c", !!int "5"}',
    ],
    ['%TAG !e! tag:example.com,2000:\n---\n!e!x y', 'tag:example.com,2000:x "y"'],
    ['a: b\r\nc:\r\n- d\r\n', '{"a", "b", "c", ["d"]}'],
    ['\ufeffa: b', '{"a", "b"}'],
    ['a:\n-\n- b\n', '{"a", ["", "b"]}'],
  ] as const)('%j', ([text, want]) => {
    expect(outline(parseDocument(text))).toBe(want)
  })

  test('resolves the tags of plain scalars', () => {
    const [root] = parseDocument('[1, 1.5, yes, true, ~, 2020-01-01, x, "1"]')?.content ?? []
    expect(root?.content.map((it) => it.tag)).toEqual([
      '!!int',
      '!!float',
      '!!str',
      '!!bool',
      '!!null',
      '!!timestamp',
      '!!str',
      '!!str',
    ])
  })

  test('tells head, line and foot comments apart', () => {
    const [root] = parseDocument('# doc\n\n# head\na: 1 # line\n# foot\n\nb: 2\n')?.content ?? []
    const [key, value] = root?.content ?? []
    expect(key).toMatchObject({ headComment: '# head', footComment: '# foot' })
    expect(value?.lineComment).toBe('# line')
  })

  test.for([
    ['a: b: c', 'mapping values are not allowed in this context'],
    ['a:\n\t- b', 'found character that cannot start any token'],
    ['"a', 'found unexpected end of stream'],
    ['[a', "did not find expected ',' or ']'"],
    ['- a\nb', "could not find expected ':'"],
    ['a: *b', "unknown anchor 'b' referenced"],
    ['a: "\\q"', 'found unknown escape character'],
    ['a: \u0001', 'control characters are not allowed'],
    ['k: |\n \ta', 'found a tab character where an indentation space is expected'],
    ['a: !x!y z', 'found undefined tag handle'],
  ] as const)('%j is refused: %s', ([text, problem]) => {
    expect(() => parseDocument(text)).toThrow(problem)
  })

  test('bounds depth and length', () => {
    expect(() => parseDocument('['.repeat(2_000))).toThrow(expect.objectContaining({ code: 'YAML_LIMIT' }))
    expect(() => parseDocument('- '.repeat(2_000))).toThrow(expect.objectContaining({ code: 'YAML_LIMIT' }))
    expect(() => parseDocument('a: b', { maxLength: 3 })).toThrow(
      expect.objectContaining({ code: 'YAML_LIMIT' }),
    )
  })
})

test('parseDocuments reads a stream', () => {
  expect(parseDocuments('a: 1\n---\nb: 2\n...\n---\n').map(outline)).toEqual([
    '{"a", "1"}',
    '{"b", "2"}',
    '""',
  ])
  expect(parseDocuments('# nothing\n')).toEqual([])
})

test.for([
  ['a:\n  b: 1\n  c: [1,\n d: 2\n', "line 2: did not find expected ',' or ']'"],
  ['a: 1\nb:\n  c: 1\n  d: 2\n e: 3\n', 'line 4: did not find expected key'],
  ['a: 1\nb: "x\n\n\n', 'line 2: found unexpected end of stream'],
  ['a: "x\n\n\n', 'line 4: found unexpected end of stream'],
  ['a: 1\nb\nc: 2\n', "line 2: could not find expected ':'"],
  ['a: b: c\n', 'mapping values are not allowed in this context'],
  ['a: \u0001\n', 'control characters are not allowed'],
] as const)('%j: %s', ([text, want]) => {
  // The line is the one where the construct began, unless that is the first.
  expect(() => parseDocument(text)).toThrow(`yaml: ${want}`)
})
