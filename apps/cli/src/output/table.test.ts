import { expect, test } from 'vitest'
import { formatTable } from './table.ts'

test('columns are padded and parted by tabs, as the Flux CLI does', () => {
  expect(
    formatTable(
      ['NAME', 'READY'],
      [
        ['app', 'True'],
        ['frontend', 'Unknown'],
      ],
    ),
  ).toBe('NAME    \tREADY   \napp     \tTrue   \t\nfrontend\tUnknown\t\n')
})

test('a cell of several lines makes several rows', () => {
  expect(formatTable(['A', 'B'], [['x', 'one\ntwo']])).toBe('A\tB   \nx\tone\t\n \ttwo\t\n')
})
