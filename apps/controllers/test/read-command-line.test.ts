import { type CommandLine, readCommandLine } from '@sluice/controllers'
import { describe, expect, test } from 'vitest'

type Run = Extract<CommandLine, { kind: 'run' }>

function run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Run {
  const line = readCommandLine(args, { env, hostname: 'pod-0' })
  if (line.kind !== 'run') throw new Error('asks for help')
  return line
}

test.for([
  [['source'], ['source-controller']],
  [
    ['helm-controller', 'source'],
    ['source-controller', 'helm-controller'],
  ],
  [['source-watcher', 'source-watcher'], ['source-watcher']],
  [
    ['all'],
    [
      'source-controller',
      'kustomize-controller',
      'helm-controller',
      'image-reflector-controller',
      'image-automation-controller',
      'source-watcher',
    ],
  ],
] as const)('%j names %j', ([words, names]) => {
  expect(run(words).settings.map(({ name }) => name)).toEqual(names)
})

test.for([
  [[], /^name the controllers to run: source-controller, /],
  [['bogus'], /^no such controller among 'bogus'/],
  [['source', '--bogus'], /^unknown flag: --bogus$/],
  [['source', '-x'], /^unknown flag: -x$/],
  [['kustomize', '--storage-addr=:1'], /^unknown flag: --storage-addr$/],
  [['source', '--concurrent'], /^flag needs an argument: --concurrent$/],
  [['source', '--concurrent=x'], /^invalid argument "x" for "--concurrent" flag: /],
  [['source', '--concurrent=-1'], /^invalid argument "-1" for "--concurrent" flag: /],
  [['source', '--interval-jitter-percentage=100'], /^invalid argument "100" for /],
  [['source', '--requeue-dependency=30'], /^invalid argument "30" for "--requeue-dependency" flag: /],
  [['source', '--enable-leader-election=maybe'], /^invalid argument "maybe" for /],
  [['source', '--metrics-addr=8080'], /^invalid argument "8080" for "--metrics-addr" flag: /],
  [['source', '--artifact-digest-algo=md5'], /^unsupported digest algorithm 'md5'/],
  [['source', '--events-addr=nowhere'], /^invalid argument "nowhere" for "--events-addr" flag: /],
  [['source', '--feature-gates=ExternalArtifact=true'], /^feature-gate 'ExternalArtifact' not supported$/],
  [['source', '--watch-label-selector=a in'], /^invalid argument "a in" for "--watch-label-selector" flag: /],
  [['helm', '--watch-configs-label-selector=,'], /^invalid argument "," for /],
  [
    ['source', '--enable-leader-election', '--leader-election-renew-deadline=35s'],
    /^leaseDuration must be greater than renewDeadline$/,
  ],
  [
    ['source', '--enable-leader-election', '--leader-election-retry-period=25s'],
    /^renewDeadline must be greater than retryPeriod\*JitterFactor$/,
  ],
  [['source', '--feature-gates=X'], /^invalid argument "X" for "--feature-gates" flag: /],
  [
    ['source', '--default-service-account=x'],
    /^cannot set default service accounts when the feature gate ObjectLevelWorkloadIdentity is not enabled$/,
  ],
] as const)('%j is refused', ([args, message]) => {
  expect(() => run(args)).toThrow(message)
})

describe('what is given', () => {
  test('goes to all controllers that know it, each with its own default otherwise', () => {
    const given = run(['source', 'kustomize', '--requeue-dependency', '5s', '--no-cross-namespace-refs'])
    expect(given.settings.map(({ flags }) => flags.number('concurrent'))).toEqual([2, 4])
    expect(given.settings.map(({ flags }) => flags.ms('requeue-dependency'))).toEqual([5_000, 5_000])
    expect(given.settings[1]?.flags.isOn('no-cross-namespace-refs')).toBe(true)
  })

  test('may be repeated where a flag is a list', () => {
    const [git, appliers] = [
      run(['source', '--ssh-kex-algos=a,b', '--ssh-kex-algos', 'c']),
      run(['kustomize', '--override-manager=a,b', '--override-manager=c']),
    ]
    expect(git.settings[0]?.flags.list('ssh-kex-algos')).toEqual(['a', 'b', 'c'])
    expect(appliers.settings[0]?.flags.list('override-manager')).toEqual(['a,b', 'c'])
  })

  test('counts before the environment, and the last of several counts', () => {
    const env = { STORAGE_PATH: '/env', STORAGE_ADV_ADDR: 'env.example', EVENTS_ADDR: 'http://env/' }
    const { settings, shared } = run(['source', '--storage-path=/a', '--storage-path=/b'], env)
    expect(settings[0]?.flags.text('storage-path')).toBe('/b')
    expect(shared.storage?.advertisedAddress).toBe('env.example')
    expect(shared.eventsAddress).toBe('http://env/')
  })

  test.for([
    ['', undefined],
    ['0', undefined],
    [':8080', { host: '', port: 8080 }],
    ['[::1]:0', { host: '::1', port: 0 }],
  ] as const)('%j is where metrics are served', ([text, address]) => {
    expect(run(['source', `--metrics-addr=${text}`]).shared.metricsAddress).toEqual(address)
  })

  test.for([
    [':9090', 'localhost:9090'],
    ['0.0.0.0:9090', 'pod-0:9090'],
    ['[fd00::1]:80', '[fd00::1]:80'],
  ])('artifacts that are served at %s have the address %s', ([text, advertised]) => {
    expect(run(['source', `--storage-addr=${text}`]).shared.storage?.advertisedAddress).toBe(advertised)
  })

  test('bounds a process to the namespace that it runs in', () => {
    const env = { RUNTIME_NAMESPACE: 'gitops' }
    expect(run(['source'], env).shared.namespace).toBeUndefined()
    expect(run(['source', '--watch-all-namespaces=false'], env).shared.namespace).toBe('gitops')
    expect(run(['source', '--enable-leader-election'], env).shared.leaderElection).toEqual({
      namespace: 'gitops',
      leaseDurationMs: 35_000,
      renewDeadlineMs: 30_000,
      retryPeriodMs: 5_000,
      releaseOnCancel: true,
    })
  })

  test('asks for help, for the controllers that are named or all', () => {
    const options = { env: {}, hostname: '' }
    expect(readCommandLine(['helm', '--help'], options)).toEqual({
      kind: 'help',
      controllers: ['helm-controller'],
    })
    expect(readCommandLine(['-h'], options)).toMatchObject({ kind: 'help' })
  })
})
