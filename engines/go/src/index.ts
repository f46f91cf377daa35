/**
 * Go's semantics in JavaScript: its values, formatting, number texts and escapes.
 *
 * @example
 * sprintf('%-5s|%03d', ['ab', goInt(7)]) // 'ab   |007'
 */
export { type Budget, budgetOf, GoBoundsError } from './budget.ts'
export {
  bytesGoString,
  compareGoStrings,
  goByteLength,
  goByteSlice,
  goRuneCount,
  goRunes,
  goStringBytes,
  isAsciiOnly,
  isValidUtf8,
  normalizeGoString,
} from './byte-string.ts'
export { GoError } from './error.ts'
export { htmlEscape } from './escape/html.ts'
export { jsEscape } from './escape/js.ts'
export { queryEscape } from './escape/url.ts'
export { sortedEntries } from './fmt/sort-keys.ts'
export { sprint, sprintln } from './fmt/sprint.ts'
export { sprintf } from './fmt/sprintf.ts'
export { sha256Hex } from './hash/sha256.ts'
export { addressProblem } from './net/address.ts'
export { cleanPath, pathBase, pathDir, pathExt } from './path.ts'
export { matchPath, PathPatternError } from './path-match.ts'
export { cachedRegexp } from './regexp/cached-regexp.ts'
export { compileRegexp, type GoRegexp, quoteMeta } from './regexp/regexp.ts'
export { RegexpError } from './regexp/syntax-error.ts'
export { parseConstraint, type SemverConstraint } from './semver/constraint.ts'
export { SemverError } from './semver/semver-error.ts'
export {
  compareVersions,
  incrementVersion,
  parseFluxVersion,
  parseStrictVersion,
  parseVersion,
  type SemverVersion,
  tryParseFluxVersion,
} from './semver/version.ts'
export { type FloatFormat, formatFloat } from './strconv/format-float.ts'
export {
  atoi,
  NumError,
  parseBool,
  parseFloat64,
  parseInteger,
  parseUnsigned,
} from './strconv/parse-number.ts'
export {
  canBackquote,
  isPrint,
  quote,
  quoteRune,
  quoteToAscii,
  runeString,
  unquote,
  unquoteChar,
} from './strconv/quote.ts'
export { type TarEntry, writeTar } from './tar/tar-writer.ts'
export {
  formatDuration,
  parseDuration,
  parseDurationMs,
  roundDuration,
  truncateDuration,
} from './time/duration.ts'
export { formatTime, rfc3339, rfc3339Nano, timeString } from './time/format-time.ts'
export { type CivilFields, type CivilTime, GoTime, timeFromCivil, timeFromMs } from './time/go-time.ts'
export { parseTime } from './time/parse-time.ts'
export { fixedZone, loadZone, type TimeZone, utcZone } from './time/zone.ts'
export { type GoKind, goElementType, goKeyType, goKind, goTypeName } from './type-name.ts'
export { escapeUrl, type UrlPart, unescapeUrl } from './url/escape.ts'
export { resolveGoUrl } from './url/resolve.ts'
export { type GoUrl, goUrlText, hostnameOf, parseGoUrl, userinfoText } from './url/url.ts'
export {
  GoComplex,
  GoFunction,
  GoInt,
  type GoIntKind,
  GoMap,
  type GoMethods,
  GoNamed,
  GoObject,
  GoSlice,
  type GoValue,
  goInt,
  goInt64,
} from './value.ts'
