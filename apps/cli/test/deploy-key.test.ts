import { generateKeyPairSync } from 'node:crypto'
import { type AddressInfo, createServer } from 'node:net'
import ssh2 from 'ssh2'
import { expect, test } from 'vitest'
import { cliWorld } from './run-cli.ts'

test('a source over SSH gets a key of its own; without a yes nothing is applied', async () => {
  await using server = await sshServer()
  const questions: string[] = []
  let answer = false
  await using world = await cliWorld({
    confirm: (question) => {
      questions.push(question)
      return Promise.resolve(answer)
    },
  })
  const url = `ssh://git@127.0.0.1:${server.port}/org/app`
  const args = ['create', 'source', 'git', 'app', `--url=${url}`, '--branch=main', '--timeout=3s']

  const refused = await world.run(...args)
  expect(refused).toMatchObject({ exitCode: 1, stdout: '' })
  expect(refused.stderr).toContain('✗ aborting')
  expect(questions).toEqual(['Have you added the deploy key to your repository'])
  await expect(world.get('v1', 'Secret', 'app')).rejects.toThrow('not found')

  answer = true
  const { stderr } = await world.run(...args)
  const lines = stderr.split('\n')
  expect(lines[0]).toBe('✚ generating GitRepository source')
  expect(lines[1]).toBe('✔ collected public key from SSH server:')
  expect(lines[2]).toMatch(new RegExp(`^\\[127\\.0\\.0\\.1\\]:${server.port} ssh-rsa `))
  expect(stderr).toMatch(/✚ deploy key: ecdsa-sha2-nistp384 /)
  expect(stderr).toContain('► applying secret with repository credentials\n✔ authentication configured\n')
  const secret = await world.get('v1', 'Secret', 'app')
  expect(Object.keys(secret['data'] as object).toSorted()).toEqual([
    'identity',
    'identity.pub',
    'known_hosts',
  ])
  const source = await world.get('source.toolkit.fluxcd.io/v1', 'GitRepository', 'app')
  expect(source).toMatchObject({ spec: { url, secretRef: { name: 'app' } } })
})

/** A server that shows its key and lets nobody in. */
async function sshServer(): Promise<AsyncDisposable & { readonly port: number }> {
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'pkcs1', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  })
  const sessions = new ssh2.Server({ hostKeys: [privateKey] }, (client) => client.on('error', () => {}))
  const server = createServer((socket) => sessions.injectSocket(socket))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
