import { describe, expect, test } from 'vitest'
import { sourceVersion } from './source-version.ts'

const digest = 'sha256:0123456789abcdef'

describe('sourceVersion', () => {
  test.for([
    ['HelmChart', '1.0.0', '1.0.0', undefined],
    ['OCIRepository', `1.0.0@${digest}`, '1.0.0+0123456789ab', digest],
    ['OCIRepository', `v1.0@${digest}`, '1.0.0+0123456789ab', digest],
    ['OCIRepository', `1.0.0_build@${digest}`, '1.0.0+0123456789ab', digest],
    ['OCIRepository', digest, '1.0.0+0123456789ab', digest],
    ['OCIRepository', `latest@${digest}`, '1.0.0+0123456789ab', `latest@${digest}`],
    ['ExternalArtifact', '1.0.0', '1.0.0', undefined],
    ['ExternalArtifact', digest, '1.0.0+0123456789ab', digest],
  ] as const)('%s at %s', ([kind, revision, version, want]) => {
    const released = sourceVersion('1.0.0', { kind, artifact: { revision } }, { tracksDigests: true })
    expect(released).toEqual({ version, digest: want })
  })

  test.for([
    ['1.0.0', `2.0.0@${digest}`, 'artifact revision 2.0.0 does not match chart version 1.0.0'],
    ['1.0.0', '1.0.0', 'artifact revision 1.0.0 does not match chart version 1.0.0'],
    ['one', digest, 'invalid chart version one'],
    ['1.0.0', 'sha256:01', 'invalid artifact revision sha256:01'],
  ] as const)('%s of %s is refused', ([version, revision, message]) => {
    const source = { kind: 'OCIRepository', artifact: { revision } } as const
    expect(() => sourceVersion(version, source, { tracksDigests: true })).toThrow(message)
  })

  test('a digest that is not tracked leaves the version alone', () => {
    const source = { kind: 'OCIRepository', artifact: { revision: `1.0.0@${digest}` } } as const
    expect(sourceVersion('1.0.0', source, { tracksDigests: false })).toEqual({ version: '1.0.0', digest })
  })
})
