import { expect, test } from 'vitest'
import { parseYaml } from '../src/index.ts'

// Not beside the sources: those tests run in browsers too, which tell no CPU time.
test('A long line with characters of two units is read in time linear to it', () => {
  const text = `["😀"${', "a"'.repeat(100_000)}]`
  const begin = process.cpuUsage()
  expect(parseYaml(text)).toHaveLength(100_001)
  const { user, system } = process.cpuUsage(begin)
  expect(user + system).toBeLessThan(3_000_000)
})
