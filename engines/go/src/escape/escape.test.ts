import { expect, test } from 'vitest'
import { htmlEscape } from './html.ts'
import { jsEscape } from './js.ts'
import { queryEscape } from './url.ts'

test('texts are escaped for where they go', () => {
  expect(htmlEscape('<a href="x">\'&\0')).toBe('&lt;a href=&#34;x&#34;&gt;&#39;&amp;\ufffd')
  expect(jsEscape('<"\'\\=\n\u2028é')).toBe('\\u003C\\"\\\'\\\\\\u003D\\u000A\\u2028é')
  expect(queryEscape('a b&é/~')).toBe('a+b%26%C3%A9%2F~')
})
