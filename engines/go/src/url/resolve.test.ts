import { expect, test } from 'vitest'
import { resolveGoUrl } from './resolve.ts'
import { goUrlText, parseGoUrl } from './url.ts'

// RFC 3986, section 5.4, with `http://a/b/c/d;p?q`, and what is Go's own.
test.for([
  ['http://a/b/c/d;p?q', 'g', 'http://a/b/c/g'],
  ['http://a/b/c/d;p?q', './g', 'http://a/b/c/g'],
  ['http://a/b/c/d;p?q', 'g/', 'http://a/b/c/g/'],
  ['http://a/b/c/d;p?q', '/g', 'http://a/g'],
  ['http://a/b/c/d;p?q', '//g', 'http://g'],
  ['http://a/b/c/d;p?q', '?y', 'http://a/b/c/d;p?y'],
  ['http://a/b/c/d;p?q', '#s', 'http://a/b/c/d;p?q#s'],
  ['http://a/b/c/d;p?q', '', 'http://a/b/c/d;p?q'],
  ['http://a/b/c/d;p?q', '.', 'http://a/b/c/'],
  ['http://a/b/c/d;p?q', '..', 'http://a/b/'],
  ['http://a/b/c/d;p?q', '../..', 'http://a/'],
  ['http://a/b/c/d;p?q', '../../../g', 'http://a/g'],
  ['http://a/b/c/d;p?q', 'g;x=1/../y', 'http://a/b/c/y'],
  ['http://a/b/c/d;p?q', 'mailto:x', 'mailto:x'],
  ['http://u:p@a/b%2Fc/', 'd e', 'http://u:p@a/b%2Fc/d%20e'],
  ['x', 'y', '/y'],
] as const)('%s + %s', ([base, reference, want]) => {
  expect(goUrlText(resolveGoUrl(parseGoUrl(base), parseGoUrl(reference)))).toBe(want)
})
