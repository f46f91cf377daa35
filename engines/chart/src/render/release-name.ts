import { quote } from '@sluice/go'
import { parseTemplates, type SprigPorts, sprigFunctions, TemplateSet } from '@sluice/template'
import { ChartError } from '../load/chart-error.ts'

const namePattern = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
const maxNameLength = 53

/** Checks the name of a release. @throws {ChartError} `release name check failed: …` */
export function checkReleaseName(name: string): void {
  if (name === '') throw refused(name, 'no name provided')
  if (namePattern.test(name) && name.length <= maxNameLength) return
  throw refused(
    name,
    `invalid release name, must match regex ${namePattern.source} and the length must not be longer than ${maxNameLength}`,
  )
}

function refused(name: string, why: string): ChartError {
  return new ChartError('CHART_INVALID', `release name check failed: release name ${quote(name)}: ${why}`)
}

/** How `helm template` is told a release's name. */
export type NameFlags = {
  /** The argument before the chart. */
  readonly name?: string | undefined
  /** `--name-template` */
  readonly nameTemplate?: string
  /** `--generate-name` */
  readonly generateName?: boolean
}

const defaultName = 'release-name'

/**
 * The name of a release that is only rendered: as given, from a template, or one that says so.
 *
 * @throws {ChartError} when it is given twice
 * @throws {TemplateError}
 */
export function renderedName(
  { name, nameTemplate = '', generateName = false }: NameFlags,
  ports: SprigPorts,
): string {
  if (name === undefined) return nameTemplate === '' ? defaultName : nameFromTemplate(nameTemplate, ports)
  const flag = generateName ? '--generate-name' : nameTemplate === '' ? undefined : '--name-template'
  if (flag === undefined) return name
  throw new ChartError('CHART_INVALID', `cannot set ${flag} and also specify a name`)
}

function nameFromTemplate(text: string, ports: SprigPorts): string {
  const functions = sprigFunctions(ports)
  const set = new TemplateSet().add(parseTemplates('name-template', text, functions))
  return set.render('name-template', null, { functions })
}
