import { describe, expect, test } from 'vitest'
import { goUrlText, hostnameOf, parseGoUrl } from './url.ts'

describe('parseGoUrl', () => {
  test.for([
    'https://user:p%20w@example.com:8080/a/b%2Fc?x=1#frag%20x',
    'http://[::1]:80/',
    'mailto:a@b.c',
    '/just/path?',
    'file:/etc/x',
    'file:///etc/x',
    '//host/é',
    'a/b:c',
    '',
  ])('%s is written again', (text) => {
    expect(goUrlText(parseGoUrl(text))).toBe(text.replace('é', '%C3%A9'))
  })

  test.for([
    ['http://a b/', 'parse "http://a b/": invalid character " " in host name'],
    [':x', 'parse ":x": missing protocol scheme'],
    ['http://[::1', `parse "http://[::1": missing ']' in host`],
    ['a:b:c/d', ''],
    ['1a:b', 'parse "1a:b": first path segment in URL cannot contain colon'],
    ['http://h:x/', 'parse "http://h:x/": invalid port ":x" after host'],
    ['http://h/%zz', 'parse "http://h/%zz": invalid URL escape "%zz"'],
    ['http://a<@h', 'parse "http://a<@h": net/url: invalid userinfo'],
    ['x\n', String.raw`parse "x\n": net/url: invalid control character in URL`],
  ])('%j', ([text = '', message = '']) => {
    let failure = ''
    try {
      parseGoUrl(text)
    } catch (error) {
      failure = (error as Error).message
    }
    expect(failure).toBe(message)
  })

  test('the host without its port', () => {
    expect(['h:1', '[::1]:80', 'h', ''].map(hostnameOf)).toEqual(['h', '::1', 'h', ''])
  })

  test('a relative path that looks like a scheme gets a dot', () => {
    expect(goUrlText({ path: 'a:b' })).toBe('./a:b')
  })
})
