import { type ControllerName, controllerNames, controllersNamed } from './controller-name.ts'
import { checkGates } from './flags/feature-gates.ts'
import { FlagError } from './flags/flag-error.ts'
import { checkNames, readArguments } from './flags/read-arguments.ts'
import {
  type ControllerSettings,
  controllerSettings,
  type ProcessSettings,
  processSettings,
} from './settings.ts'

/** What a command line asks for. */
export type CommandLine =
  | { readonly kind: 'help'; readonly controllers: readonly ControllerName[] }
  | {
      readonly kind: 'run'
      readonly settings: readonly ControllerSettings[]
      readonly shared: ProcessSettings
    }

/**
 * Reads names of controllers and their flags. A flag is for all of the controllers that have it.
 *
 * @throws {FlagError}
 */
export function readCommandLine(
  args: readonly string[],
  {
    env,
    hostname,
  }: { readonly env: Readonly<Record<string, string | undefined>>; readonly hostname: string },
): CommandLine {
  const parsed = readArguments(args)
  const controllers = controllersNamed(parsed.words)
  if (!controllers) {
    const known = [...controllerNames, 'all'].join(', ')
    throw new FlagError('FLAG_INVALID', `no such controller among '${parsed.words.join(' ')}': ${known}`)
  }
  if (parsed.asksForHelp) {
    return { kind: 'help', controllers: controllers.length === 0 ? controllerNames : controllers }
  }
  if (controllers.length === 0) {
    const known = [...controllerNames, 'all'].join(', ')
    throw new FlagError('FLAG_MISSING_VALUE', `name the controllers to run: ${known}`)
  }
  checkNames(parsed, controllers)
  checkGates(controllers, parsed.given.get('feature-gates') ?? [])
  const settings = controllers.map((name) => controllerSettings(name, { given: parsed.given, env }))
  return { kind: 'run', settings, shared: processSettings(settings, { hostname }) }
}
