// Image automation: from a tag that a policy chose to a pushed commit.
import type { Benchmark } from '../benchmark.ts'
import { measureAutomation } from '../image-automation.ts'

export const benchmark: Benchmark = async (report) => {
  await measureAutomation(report)
}
