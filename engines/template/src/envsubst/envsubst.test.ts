import { describe, expect, test } from 'vitest'
import { envsubst } from './envsubst.ts'
import { EnvsubstError } from './envsubst-error.ts'

const variables = new Map([
  ['name', 'world'],
  ['empty', ''],
  ['path', '/usr/lib/x.tar.gz'],
  ['uni', 'éß☃'],
])

describe('envsubst', () => {
  test.for([
    ['a ${name} $name $${name} $$$$', 'a world $name ${name} $$'],
    ['${missing}|${empty:-x}|${name:+y}|${missing=z}|${missing:-${name}${empty:-!}}', '|x|world|z|world!'],
    ['${#uni} ${name^} ${name^^} ${uni^^} ${uni,}', '7 World WORLD Éß☃ éß☃'],
    ['${path#*/} ${path##*/} ${path%.*} ${path%%.*}', 'usr/lib/x.tar.gz x.tar.gz /usr/lib/x.tar /usr/lib/x'],
    ['${path#[/a-z]} ${path#[} ${uni##??}', 'usr/lib/x.tar.gz /usr/lib/x.tar.gz ☃'],
    ['${name:1:3} ${name:-2} ${name:1:-1} ${name:3:-4} ${name:9} ${name:x}', 'orl world orl   world'],
    [
      '${name/o/0} ${name//o/} ${path/\\/usr/~} ${name/#w/W} ${name/%d/D}',
      'w0rld wrld ~/lib/x.tar.gz World worlD',
    ],
  ])('%s', ([text = '', want]) => {
    expect(envsubst(text, variables)).toBe(want)
  })

  test.for([
    ['${', 'unable to parse variable name'],
    ['${name', 'missing closing brace'],
    ['${name-x}', 'missing closing brace'],
    ['${name:}', 'unable to parse substitution within function'],
    ['${name/o}', 'bad substitution'],
    ['${a:-'.repeat(300), 'substitutions nest too deeply'],
  ])('%s is rejected', ([text = '', message]) => {
    expect(() => envsubst(text, variables)).toThrow(new EnvsubstError('ENVSUBST_SYNTAX', message ?? ''))
  })

  test('strict: what is not set is an error, unless a default is given', () => {
    expect(envsubst('${missing:-x}${name}', variables, { strict: true })).toBe('xworld')
    expect(() => envsubst('${missing^^}', variables, { strict: true })).toThrow(
      'variable not set (strict mode): "missing"',
    )
  })

  test('many variables take no stack, long values no quadratic time', () => {
    expect(envsubst('${name}'.repeat(50_000), variables)).toHaveLength(250_000)
    expect(() => envsubst('${v##*x}', new Map([['v', 'a'.repeat(20_000)]]))).toThrow('too long for a pattern')
  })
})
