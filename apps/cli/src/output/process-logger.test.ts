import { expect, test } from 'vitest'
import { consoleLine } from './process-logger.ts'

test.for([
  ['{"level":"info","ts":"T","msg":"stored"}', 'T\tINFO\tstored\n'],
  ['{"level":"error","ts":"T","name":"a","msg":"failed"}', 'T\tERROR\tfailed\t{"name":"a"}\n'],
] as const)('%s is a line for people', ([json, line]) => {
  expect(consoleLine(json)).toBe(line)
})
