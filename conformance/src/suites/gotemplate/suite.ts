import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Case, Mismatch, type Suite } from '../../suite.ts'
import { runCommitMessage } from './commit-message.ts'
import { runEnvsubst } from './envsubst.ts'
import { type GoCase, type Runner, verify } from './go-case.ts'
import { runImagePolicy } from './image-policy.ts'
import { runRegexp } from './regexp.ts'
import { runSemver } from './semver.ts'
import { runTemplate } from './template.ts'
import { runTime } from './time.ts'
import { runYamlPrint } from './yaml-print.ts'
import { runYamlRead } from './yaml-read.ts'

/** What runs a case, by its kind. */
const runners: Readonly<Record<string, Runner>> = {
  'commit-message': runCommitMessage,
  envsubst: runEnvsubst,
  'image-policy': runImagePolicy,
  regexp: runRegexp,
  semver: runSemver,
  time: runTime,
  template: runTemplate,
  'yaml-read': runYamlRead,
  'yaml-print': runYamlPrint,
}

export const suite: Suite = { load }

function* load(folder: string): Iterable<Case> {
  const cases = join(folder, 'cases')
  for (const file of readdirSync(cases).toSorted()) {
    for (const line of readFileSync(join(cases, file), 'utf8').split('\n')) {
      if (line !== '') yield toCase(file.replace(/\.jsonl$/, ''), JSON.parse(line) as GoCase)
    }
  }
}

function toCase(file: string, recorded: GoCase): Case {
  return {
    name: `${file}/${recorded.name}`,
    features: [`${file}/${recorded.name.split('/')[0]}`],
    run: () => {
      const runner = runners[recorded.kind]
      if (!runner) throw new Mismatch(`no runner for kind ${recorded.kind}`)
      verify(recorded, runner)
    },
  }
}
