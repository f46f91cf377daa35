// npm run bench -- NAME: one figure a line; ratios to the real tool come from the same run.
import { readdirSync } from 'node:fs'
import { type Benchmark, textReport } from './benchmark.ts'

const names = readdirSync(new URL('./suites', import.meta.url)).map((file) => file.replace(/\.ts$/, ''))
const [name = ''] = process.argv.slice(2)
if (names.includes(name)) {
  const { benchmark }: { benchmark: Benchmark } = await import(`./suites/${name}.ts`)
  await benchmark(textReport((line) => process.stdout.write(`${line}\n`)))
} else {
  process.stderr.write(`usage: npm run bench -- ${names.join('|')}\n`)
  process.exitCode = 1
}
