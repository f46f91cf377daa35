// Image automation: from the tags of a registry to the tag that policies choose, and from there to a pushed commit.
import type { Benchmark } from '../benchmark.ts'
import { measureAutomation } from '../image-automation.ts'
import { measureReflector } from '../image-reflector.ts'

export const benchmark: Benchmark = async (report) => {
  await measureReflector(report)
  await measureAutomation(report)
}
