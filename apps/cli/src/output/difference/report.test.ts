import type { JsonValue } from '@sluice/ports'
import { parseYaml } from '@sluice/yaml'
import { expect, test } from 'vitest'
import { differencesOf } from './differences.ts'
import { reportOf } from './report.ts'

const yaml = (text: string) => parseYaml(text) as JsonValue

test.for([
  ['a value', 'a: {b: 1}', 'a: {b: 2}', ['a.b', '± value change', '- 1', '+ 2', '']],
  ['a type', 'a: 1', 'a: "1"', ['a', '± type change from int to string', '- 1', '+ "1"', '']],
  ['nothing in its place', 'a: 1', 'a: null', ['a', '± type change from int to <nil>', '- 1', '+ <nil>', '']],
  [
    'an item by its name',
    'ports: [{name: http, port: 1}, {name: grpc, port: 3}]',
    'ports: [{name: http, port: 2}, {name: grpc, port: 3}]',
    ['ports.http.port', '± value change', '- 1', '+ 2', ''],
  ],
  ['the only item', 'a: [{x: 1}]', 'a: [{x: 2}]', ['a.0.x', '± value change', '- 1', '+ 2', '']],
  [
    'entries that come',
    'metadata: {name: x}',
    'metadata: {name: x, labels: {b: "2", a: c}}',
    ['metadata', '+ one map entry added:', '  labels:', '    a: c', '    b: "2"', ''],
  ],
  [
    'entries that go and come, side by side',
    'data: {x: "*"}',
    'data: {z: "*"}',
    ['data', '- one map entry removed:   + one map entry added:', 'x: "*"                       z: "*"', ''],
  ],
  [
    'items without names',
    'args: [a, b, c]',
    'args: [a, c, d, f]',
    [
      'args',
      '- one list entry removed:   + two list entries added:',
      '- b                           - d',
      '                              - f',
      '',
    ],
  ],
  ['the order', 'args: [a, b]', 'args: [b, a]', ['args', '⇆ order changed', '- a, b', '+ b, a', '']],
  ['white space', 'a: "x y"', 'a: " x y\\n"', ['a', '± whitespace only change', '- x·y   + ·x·y↵', '', '']],
  [
    'lines of a text',
    'a: "one\\ntwo\\nthree\\n"',
    'a: "one\\n2\\nthree\\nfour\\n"',
    ['a', '± value change in multiline text (two inserts, one deletion)', '- two', '+ 2', '+ four', '', ''],
  ],
  [
    'the root',
    '{a: 1}',
    '{b: {c: [{a: 1, name: x}]}, a: 1}',
    ['(root level)', '+ one map entry added:', '  b:', '    c:', '    - name: x', '      a: 1', ''],
  ],
] as const)('tells of %s', ([, before, after, want]) => {
  const text = reportOf(differencesOf(yaml(before), yaml(after)))
  expect(text.split('\n')).toEqual(['', ...want, ''])
})

test('puts below each other what is too wide', () => {
  const long = 'x'.repeat(50)
  const text = reportOf(differencesOf(yaml(`data: {a: ${long}}`), yaml(`data: {b: ${long}}`)))
  expect(text).toBe(
    `\ndata\n- one map entry removed:\na: ${long}\n\n+ one map entry added:\n  b: ${long}\n\n\n`,
  )
})
