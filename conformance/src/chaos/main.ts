// npm run chaos -- NAME --kills N --seed S: the long form of a crash test; its short form runs with the tests.
import { parseArgs } from 'node:util'
import { campaigns } from './registry.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { kills: { type: 'string', default: '15' }, seed: { type: 'string', default: '1' } },
})
const campaign = campaigns[positionals[0] ?? '']
if (campaign) {
  const run = await campaign()
  const { passed, failed } = await run({
    kills: Number(values.kills),
    seed: Number(values.seed),
    log: (line) => process.stdout.write(`${line}\n`),
  })
  process.stdout.write(`${passed} passed, ${failed} failed\n`)
  process.exitCode = failed > 0 ? 1 : 0
} else {
  process.stderr.write(`usage: npm run chaos -- ${Object.keys(campaigns).join('|')} [--kills N] [--seed S]\n`)
  process.exitCode = 1
}
