import { checkDnsSubdomain } from '@sluice/cel'
import { quote } from '@sluice/go'
import type { Outcome } from '@sluice/runtime'
import { type GeneratorStep, type GeneratorWork, generatorReasons } from './generator-work.ts'

const { accessDenied, validationFailed } = generatorReasons

/** Checks what the schema cannot; only a change of the object helps. Source: fluxcd/source-watcher 2.2. */
export const validateSpec: GeneratorStep = async (work) =>
  problemWithSources(work) ?? problemWithArtifacts(work)

function problemWithSources({ run, deps }: GeneratorWork): Outcome | undefined {
  const aliases = new Set<string>()
  for (const { alias, kind, namespace, name } of run.object.spec.sources) {
    if (aliases.has(alias)) return stalled(run, validationFailed, `duplicate source alias '${alias}' found`)
    aliases.add(alias)
    if (deps.noCrossNamespaceRefs && namespace && namespace !== run.key.namespace) {
      const source = `${kind}/${namespace}/${name}`
      return stalled(run, accessDenied, `cross-namespace reference to source ${source} is not allowed`)
    }
  }
  return undefined
}

function problemWithArtifacts({ run }: GeneratorWork): Outcome | undefined {
  const { sources, artifacts, pathPattern = '' } = run.object.spec
  const names = new Set<string>()
  for (const { name, revision = '' } of artifacts) {
    if (names.has(name)) return stalled(run, validationFailed, `duplicate artifact name '${name}' found`)
    names.add(name)
    const problems = pathPattern === '' ? checkDnsSubdomain(name) : []
    if (problems.length > 0) {
      const message = `artifact name ${quote(name)} is not a valid Kubernetes object name`
      return stalled(run, validationFailed, `${message}: ${problems.join('; ')}`)
    }
    const alias = revision.replace(/^@/, '')
    if (alias !== '' && !sources.some((it) => it.alias === alias)) {
      return stalled(run, validationFailed, `artifact ${name} revision source alias '${alias}' not found`)
    }
  }
  return undefined
}

function stalled({ conditions }: GeneratorWork['run'], reason: string, message: string): Outcome {
  conditions.markFalse('Ready', reason, message)
  return { kind: 'stalled', reason, message }
}
