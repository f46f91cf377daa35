import { describe, expect, test } from 'vitest'
import { parseKubeVersion } from './capabilities.ts'

describe('parseKubeVersion', () => {
  test.for([
    ['1.20', { version: 'v1.20', normalized: 'v1.20', major: '1', minor: '20' }],
    [
      'v1.33.4-gke.1245000',
      { version: 'v1.33.4-gke.1245000', normalized: 'v1.33.4', major: '1', minor: '33' },
    ],
    ['1.020abc', { version: 'v1.020abc', normalized: 'v1.20', major: '1', minor: '20' }],
  ] as const)('%s', ([text, want]) => {
    expect(parseKubeVersion(text)).toEqual(want)
  })

  test.for([
    ['x', 'could not parse "x" as version'],
    ['1', 'illegal version string "1"'],
    ['01.2', 'illegal zero-prefixed version component "01" in "01.2"'],
    [
      '1.99999999999999999999',
      'illegal non-numeric version component "99999999999999999999" in "1.99999999999999999999": strconv.ParseUint: parsing "99999999999999999999": value out of range',
    ],
  ] as const)('%s is refused', ([text, why]) => {
    expect(() => parseKubeVersion(text)).toThrow(`invalid kube version '${text}': ${why}`)
  })
})
