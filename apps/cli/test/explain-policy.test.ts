import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { JsonObject } from '@sluice/ports'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cliWorld } from './run-cli.ts'

const tags = ['latest', 'dev-1', 'x.sig', ...Array.from({ length: 25 }, (_, n) => `main-${n}a-${1700 + n}`)]
let server: Server
let image: string

beforeAll(async () => {
  server = createServer((_, response) => response.end(JSON.stringify({ tags })))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  image = `127.0.0.1:${(server.address() as AddressInfo).port}/acme/app`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const explain = async (spec: JsonObject, repository: JsonObject = {}): Promise<string> => {
  await using world = await cliWorld()
  const at = { namespace: 'flux-system', name: 'app' }
  const apiVersion = 'image.toolkit.fluxcd.io/v1'
  await world.put({
    apiVersion,
    kind: 'ImageRepository',
    metadata: at,
    spec: { image, interval: '1m', ...repository },
  })
  await world.put({
    apiVersion,
    kind: 'ImagePolicy',
    metadata: at,
    spec: { imageRepositoryRef: { name: 'app' }, ...spec },
    status: { latestRef: { name: image, tag: 'main-23a-1723' } },
  })
  const { stdout, stderr } = await world.run('get', 'image', 'policy', 'app', '--explain')
  return (stdout + stderr).replaceAll(image, 'IMAGE')
}
const byTime = { pattern: '^main-[a-f0-9]+-(?P<ts>.*)', extract: '$ts' }

test('a policy says why it chooses one tag and not the others', async () => {
  const text = await explain({ policy: { numerical: { order: 'asc' } }, filterTags: byTime })
  const lines = text.split('\n').map((line) => line.trimEnd())
  expect(lines.slice(0, 11)).toEqual([
    'Policy:    flux-system/app',
    'Image:     IMAGE',
    'Tags:      27 in the registry, 1 more are excluded by ^.*\\.sig$',
    'Filter:    ^main-[a-f0-9]+-(?P<ts>.*)',
    'Extracts:  $ts',
    'Chosen:    main-24a-1724: the largest number',
    'Status:    main-23a-1723, until the next scan',
    '',
    'TAG          \tEXTRACTED\tWHY',
    'main-24a-1724\t1724     \tchosen: the largest number',
    'main-23a-1723\t1723     \tearlier than main-24a-1724',
  ])
  expect(text).toContain('… and 5 earlier, 2 that do not match the filter\n')
})

test.for<[JsonObject, string]>([
  [{ policy: {} }, 'Chosen:    none: invalid policy: given ImagePolicyChoice object is invalid'],
  [{ policy: { numerical: {} } }, "Chosen:    none: failed to parse invalid numeric value 'main-9a-1709'"],
  [{ policy: { semver: { range: '*' } } }, 'Chosen:    none: unable to determine latest version'],
])('%j says what is wrong', async ([spec, want]) => {
  expect(await explain(spec)).toContain(want)
})

test('a registry that cannot be reached is named', async () => {
  const text = await explain({ policy: { alphabetical: {} } }, { image: '127.0.0.1:1/acme/app' })
  expect(text).toContain('✗ cannot read the tags of 127.0.0.1:1/acme/app: ')
})
