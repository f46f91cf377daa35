import { GoError, type GoFunction } from '@sluice/go'
import { define, type FunctionMap, mergeFunctions } from '../functions.ts'
import { type SprigPorts, sprigFunctions } from '../sprig/sprig.ts'
import { durationFunctions } from './durations.ts'
import { formatFunctions } from './formats.ts'

/**
 * The functions of Helm's templates: Sprig's without `env` and `expandenv`, and Helm's own. Those that need the render
 * (`include`, `tpl`, `required`, `fail`, `lookup`) are known by name here and bound by {@link renderHelm}.
 */
export function helmFunctions(ports: SprigPorts): FunctionMap {
  return mergeFunctions(sprigFunctions(ports), formatFunctions, durationFunctions, renderFunctions)
}

const unbound = (): never => {
  throw new GoError('not implemented')
}

const renderFunctions: FunctionMap = new Map<string, GoFunction>([
  ['include', define(['string', 'interface {}'], unbound)],
  ['tpl', define(['string', 'interface {}'], unbound)],
  ['required', define(['string', 'interface {}'], unbound)],
  ['lookup', define(['string', 'string', 'string', 'string'], unbound)],
])
