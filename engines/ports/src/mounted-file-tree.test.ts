import { expect, test } from 'vitest'
import { memoryFileTree } from './memory-file-tree.ts'
import { mountTrees, pickDirectories, subtree } from './mounted-file-tree.ts'

const base = memoryFileTree([
  ['a/x', '1'],
  ['b/old', '2'],
  ['f', '3'],
])
const other = memoryFileTree([['n/y', '4']])

test('a mount appears with its parents and hides what was there', () => {
  const tree = mountTrees(base, [
    { path: 'b', tree: other },
    { path: './v/w', tree: other },
  ])
  expect(tree.list('')).toEqual(['a', 'b', 'f', 'v'])
  expect(tree.list('b')).toEqual(['n'])
  expect(tree.list('v')).toEqual(['w'])
  expect(tree.stat('b/old')).toBeUndefined()
  expect(new TextDecoder().decode(tree.read('v/w/n/y'))).toBe('4')
  expect(new TextDecoder().decode(tree.read('a/x'))).toBe('1')
})

test.for([
  ['../x', 'outside of the tree'],
  ['.', 'cannot be mounted at the root'],
  ['f/x', "'f' is a file"],
] as const)('a mount at %s is refused', ([path, message]) => {
  expect(() => mountTrees(base, [{ path, tree: other }])).toThrow(message)
})

test('a subtree is a directory as a root', () => {
  expect(subtree(base, './a/').list('')).toEqual(['x'])
  expect(() => subtree(base, 'f')).toThrow('no such directory')
})

test('picked directories are all there is', () => {
  const tree = pickDirectories(mountTrees(base, [{ path: 'v/w', tree: other }]), ['b', 'v/w'])
  expect(tree.list('')).toEqual(['b', 'v'])
  expect(tree.list('v/w')).toEqual(['n'])
  expect(tree.stat('a')).toBeUndefined()
  expect(() => tree.read('f')).toThrow('no such file')
})
