import { expect, test } from 'vitest'
import { readdressed } from './recorded-api.ts'

const access = { url: 'https://127.0.0.1:1', ca: 'ours' }
const ca = Buffer.from('ours').toString('base64')
const kubeconfig = (server: string, authority: string): string =>
  `clusters: [{name: lab, cluster: {server: "${server}", certificate-authority-data: ${authority}}}]\nusers: [{name: admin, user: {token: lab-admin}}]\n`
const recorded = kubeconfig('https://127.0.0.1:26443', 'QUJD')
const ours = kubeconfig(access.url, ca)

test.for([
  ['a kubeconfig as text', recorded, ours],
  [
    'one in base64',
    `value: ${Buffer.from(recorded).toString('base64')}`,
    `value: ${Buffer.from(ours).toString('base64')}`,
  ],
  [
    'one of another cluster',
    kubeconfig('https://example.com', 'QUJD'),
    kubeconfig('https://example.com', 'QUJD'),
  ],
] as const)('%s', ([, text, want]) => {
  expect(readdressed(text, access)).toBe(want)
})
