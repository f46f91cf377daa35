import { quote } from '@sluice/go'
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
