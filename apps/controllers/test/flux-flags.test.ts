import { readFileSync } from 'node:fs'
import {
  type ControllerName,
  controllerNames,
  featureGates,
  flagsOf,
  ignoredGates,
  readCommandLine,
  usage,
} from '@sluice/controllers'
import { describe, expect, test } from 'vitest'

type Recorded = {
  readonly flags: Readonly<Record<string, string>>
  readonly gates: Readonly<Record<string, boolean>>
}

const file = new URL('./fixtures/flux-flags.json', import.meta.url)
const recorded: Readonly<Record<ControllerName, Recorded>> = JSON.parse(readFileSync(file, 'utf8'))
const machine = { env: {}, hostname: 'pod-0' }

/** What Flux has not. */
const ownFlags = ['storage-blob-url', 'storage-blob-cache-size']

/** Something that each kind of flag takes and that is no default. */
const samples = {
  text: '127.0.0.1:1',
  integer: '7',
  number: '2.5',
  switch: 'false',
  duration: '1m30s',
  list: 'a,b',
  repeated: 'a',
  gates: '',
} as const

describe.for(controllerNames)('%s', (name) => {
  test('has the flags of Flux with their defaults, and no others but our own', () => {
    const flags = flagsOf(name).filter((flag) => !ownFlags.includes(flag.name))
    expect(Object.fromEntries(flags.map((flag) => [flag.name, flag.default]))).toEqual(recorded[name].flags)
  })

  test('has the feature gates of Flux with their defaults, and no others', () => {
    expect(Object.fromEntries(featureGates(name))).toEqual(recorded[name].gates)
  })

  test.for(Object.keys(recorded[name].flags))('takes --%s in both forms', (flag) => {
    const kind = flagsOf(name).find((it) => it.name === flag)?.kind ?? 'text'
    const value = specialSamples[flag] ?? samples[kind]
    const forms = [[`--${flag}=${value}`], ...(kind === 'switch' ? [[`--${flag}`]] : [[`--${flag}`, value]])]
    for (const args of forms) {
      expect(readCommandLine([name, ...needs(name, flag), ...args], machine).kind).toBe('run')
    }
  })

  test.for(Object.keys(recorded[name].gates))('takes the feature gate %s', (gate) => {
    expect(readCommandLine([name, `--feature-gates=${gate}=true`], machine).kind).toBe('run')
  })

  test('says of what has no effect that it has none, with the reason', () => {
    const text = usage([name])
    const silent = [
      ...flagsOf(name).flatMap((flag) => flag.ignored ?? []),
      ...ignoredGates(name).values(),
    ].filter((reason) => !text.includes(`without effect: ${reason}`))
    expect(silent).toEqual([])
  })
})

test('the page on running says of all flags and gates without effect that they have none', () => {
  const page = readFileSync(new URL('../../../docs/running-on-a-cluster.md', import.meta.url), 'utf8')
  const rows = controllerNames.map((name) => {
    const flags = flagsOf(name).flatMap((flag) => (flag.ignored === undefined ? [] : [`--${flag.name}`]))
    return `| ${[name, code(flags), code([...ignoredGates(name).keys()])].join(' | ')} |`
  })
  expect(rows.filter((row) => !page.includes(row))).toEqual([])
})

function code(words: readonly string[]): string {
  return words
    .toSorted()
    .map((word) => `\`${word}\``)
    .join(', ')
}

/** What a flag takes that is of no general form. */
const specialSamples: Readonly<Record<string, string>> = {
  'events-addr': 'http://notification-controller.flux-system.svc.cluster.local./',
  'artifact-digest-algo': 'sha512',
  'watch-label-selector': '!sharding.fluxcd.io/key',
  'watch-configs-label-selector': 'owner!=helm',
}

/** Default accounts need the feature that lets objects have some. */
function needs(name: ControllerName, flag: string): readonly string[] {
  return flag.endsWith('service-account') &&
    name in recorded &&
    'ObjectLevelWorkloadIdentity' in recorded[name].gates
    ? ['--feature-gates=ObjectLevelWorkloadIdentity=true']
    : []
}
