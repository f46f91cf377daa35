import { describe, expect, test } from 'vitest'
import { PrinterColumns } from './columns.ts'
import { JsonPath } from './json-path.ts'

const data = {
  kind: 'List',
  items: [
    {
      kind: 'None',
      metadata: { name: '127.0.0.1', labels: { 'kubernetes.io/hostname': '127.0.0.1' } },
      n: 1,
    },
    { kind: 'None', metadata: { name: '127.0.0.2' }, n: 2.5, on: true, nothing: null },
  ],
  users: [
    { name: 'myself', user: {} },
    { name: 'e2e', user: { username: 'admin', password: 'secret' } },
  ],
}

describe('templates', () => {
  test.each([
    ['{.kind}', 'List'],
    ['kind is {.kind}!', 'kind is List!'],
    ['{$.kind}{@.kind}', 'ListList'],
    ["{['kind']}", 'List'],
    ['{..name}', '127.0.0.1 127.0.0.2 myself e2e'],
    ['{.items[*].metadata.name}', '127.0.0.1 127.0.0.2'],
    ['{.items[-1].n} {.items[-1:].n}', '2.5 2.5'],
    ['{.items[0:2:2].n}', '1'],
    ["{.users[*]['name', 'user']}", 'myself e2e {} {"password":"secret","username":"admin"}'],
    ['{.users[?(@.name=="e2e")].user.password}', 'secret'],
    ["{.users[?(@.name!='e2e')].name}", 'myself'],
    ['{.items[?(@.on==true)].n}', '2.5'],
    ['{.items[?(@.on)].metadata.name}', '127.0.0.2'],
    ['{.items[0].metadata.labels.kubernetes\\.io/hostname}', '127.0.0.1'],
    ["{.items[0].metadata.labels['kubernetes\\.io/hostname']}", '127.0.0.1'],
    ['{range .items[*]}[{.metadata.name}, {.n}] {end}', '[127.0.0.1, 1] [127.0.0.2, 2.5] '],
    ['{range .items[*]}{range .metadata}{.name}{"\\t"}{end}{"\\n"}{end}', '127.0.0.1\t\n127.0.0.2\t\n'],
    ['{.items[1].nothing}', 'null'],
    ['{.missing.field}', ''],
    ['{.items[0].metadata.labels}', '{"kubernetes.io/hostname":"127.0.0.1"}'],
  ])('%s', (template, expected) => {
    expect(new JsonPath(template).print(data)).toBe(expected)
  })

  test.each([
    ['{.kind', 'unclosed action'],
    ['{.items[}', 'unterminated array'],
    ['{.items[a]}', 'invalid array index a'],
    ['{.items[?(@.a]}', 'unterminated filter'],
    ["{'a}", 'unterminated quoted string'],
    ['{&}', "unrecognized character in action: U+0026 '&'"],
    ['{....a}', 'invalid multiple recursive descent'],
    ['{.items[5]}', 'array index out of bounds: index 5, length 2'],
    ['{.kind[0]}', 'string is not array or slice'],
    ['{.kind[?(@.a)]}', 'List is not array or slice and cannot be filtered'],
    ['{.items[?(@.n>1)].n}', 'incompatible types for comparison'],
    ['{end}', 'not in range, nothing to end'],
    ['{hello}', 'unrecognized identifier hello'],
  ])('%s is refused', (template, message) => {
    expect(() => new JsonPath(template).print(data)).toThrow(message)
  })

  test('missing keys are told where that is asked for', () => {
    const path = new JsonPath('{.missing}', { allowMissingKeys: false })
    expect(() => path.print(data)).toThrow('missing is not found')
  })
})

test('columns of a CRD', () => {
  const columns = new PrinterColumns([
    { name: 'Kind', type: 'string', jsonPath: '.kind' },
    { name: 'Item', type: 'string', jsonPath: '.items[0].metadata' },
    { name: 'Count', type: 'integer', jsonPath: '.items[1].n' },
    { name: 'Number', type: 'number', jsonPath: '.items[1].n' },
    { name: 'On', type: 'boolean', jsonPath: '.items[?(@.on==true)].on' },
    { name: 'Wrong', type: 'integer', jsonPath: '.kind' },
    { name: 'Missing', type: 'string', jsonPath: '.missing' },
    { name: 'Age', type: 'date', jsonPath: '.made' },
    { name: 'Never', type: 'date', jsonPath: '.kind' },
  ])
  const cells = columns.cells({ ...data, made: '2024-01-01T00:00:10Z' }, (time) => `${time % 60_000}ms`)
  expect(cells).toEqual([
    'List',
    '{"labels":{"kubernetes.io/hostname":"127.0.0.1"},"name":"127.0.0.1"}',
    2,
    2.5,
    true,
    null,
    null,
    '10000ms',
    '<invalid>',
  ])
})
