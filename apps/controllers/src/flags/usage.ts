import type { ControllerName } from '../controller-name.ts'
import { flagsOf } from './controller-flags.ts'
import { featureGates, ignoredGates } from './feature-gates.ts'
import type { Flag, FlagKind } from './flag.ts'

const placeholders: Readonly<Record<FlagKind, string>> = {
  text: ' <text>',
  integer: ' <n>',
  number: ' <number>',
  switch: '',
  duration: ' <duration>',
  list: ' <a,b>',
  repeated: ' <text>',
  gates: ' <Name=true>',
}

/** What the flags of the controllers mean, a paragraph each, in the order of their names. */
export function usage(controllers: readonly ControllerName[]): string {
  const byName = new Map(controllers.flatMap(flagsOf).map((flag) => [flag.name, flag]))
  const sorted = [...byName.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1))
  return `Flags:\n${sorted.map(paragraph).join('')}\nFeature gates:\n${gateLines(controllers)}`
}

function paragraph({ name, kind, default: value, env, help, ignored }: Flag): string {
  const notes = [
    ...(value === '' || (kind === 'switch' && value === 'false') ? [] : [`default: ${value}`]),
    ...(env === undefined ? [] : [`env: ${env}`]),
    ...(ignored === undefined ? [] : [`without effect: ${ignored}`]),
  ]
  const after = notes.length === 0 ? '' : ` (${notes.join('; ')})`
  return `  --${name}${placeholders[kind]}\n        ${help}${after}\n`
}

function gateLines(controllers: readonly ControllerName[]): string {
  const lines = controllers.flatMap((controller) => {
    const ignored = ignoredGates(controller)
    return [...featureGates(controller)].map(([name, state]) => {
      const reason = ignored.get(name)
      return `  ${name}=${state}${reason === undefined ? '' : ` (without effect: ${reason})`}\n`
    })
  })
  return [...new Set(lines)].toSorted().join('')
}
