import { canBackquote } from '@sluice/go'

const bareKey = /^[A-Za-z0-9_-]+$/
const escapes: ReadonlyMap<string, string> = new Map([
  ['\t', '\\t'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\u007f', '\\u007f'],
])

/** A key as it is written: in quotes where it must be. */
export function keyText(key: string): string {
  return bareKey.test(key) ? key : quotedText(key)
}

/** A basic string of TOML. */
export function quotedText(text: string): string {
  if (canBackquote(text) && !/["\\\t`]/.test(text)) return `"${text}"`
  let out = '"'
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0
    out += escapes.get(char) ?? (code < 0x20 ? `\\u${code.toString(16).padStart(4, '0')}` : char)
  }
  return `${out}"`
}
