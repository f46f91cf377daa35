import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writeAtomically } from './atomic-write.ts'
import { diskFileTree } from './disk-file-tree.ts'
import { createTempDirectory } from './temp-directory.ts'

test('a disk tree lists sorted names and reads files', async () => {
  await using temp = await createTempDirectory('tree-')
  await mkdir(join(temp.path, 'b'))
  await writeFile(join(temp.path, 'b', 'x.yaml'), 'x', { mode: 0o755 })
  await writeFile(join(temp.path, 'a'), 'a')
  const tree = diskFileTree(temp.path)
  expect(tree.list('')).toEqual(['a', 'b'])
  expect(tree.stat('b/x.yaml')).toEqual({ kind: 'file', executable: true, sizeBytes: 1 })
  expect(Buffer.from(tree.read('b/x.yaml')).toString()).toBe('x')
  expect(tree.stat('nothing/here')).toBeUndefined()
})

test('a disk tree follows no link and leaves its directory by no path', async () => {
  await using temp = await createTempDirectory('tree-')
  const inside = join(temp.path, 'inside')
  await mkdir(inside)
  await writeFile(join(temp.path, 'secret'), 's')
  await symlink('..', join(inside, 'up'))
  await symlink('../secret', join(inside, 'leak'))
  const tree = diskFileTree(inside)
  expect(tree.stat('leak')).toEqual({ kind: 'link', target: '../secret' })
  expect(() => tree.read('leak')).toThrow("'leak' is a link")
  expect(tree.stat('up/secret')).toBeUndefined()
  expect(() => tree.read('up/secret')).toThrow('no such file')
  expect(() => tree.list('up')).toThrow('no such directory')
  expect(() => tree.read('../secret')).toThrow('outside')
  expect(() => tree.read('a\0b')).toThrow('NUL')
})

test('an atomic write leaves the old file when it fails, and nothing beside it', async () => {
  await using temp = await createTempDirectory('write-')
  const path = join(temp.path, 'file')
  await writeAtomically(path, (file) => file.writeFile('old'))
  const failing = writeAtomically(path, async (file) => {
    await file.writeFile('half')
    throw new Error('disk full')
  })
  await expect(failing).rejects.toThrow('disk full')
  expect(await readFile(path, 'utf8')).toBe('old')
  expect(await readdir(temp.path)).toEqual(['file'])
  expect((await stat(path)).mode & 0o777).toBe(0o600)
})
