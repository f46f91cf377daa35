import {
  compareVersions,
  GoError,
  type GoFunction,
  GoInt,
  type GoMethods,
  GoObject,
  goInt,
  incrementVersion,
  parseConstraint,
  parseVersion,
  SemverError,
  type SemverVersion,
} from '@sluice/go'
import { define, type FunctionMap } from '../functions.ts'

const pointer = '*semver.Version'

/** Sprig's functions of versions. Source: Masterminds/sprig 3.3.0, semver.go. */
export const semverFunctions: FunctionMap = new Map<string, GoFunction>([
  [
    'semver',
    define(
      ['string'],
      (text) =>
        new VersionValue(
          pointer,
          inGo(() => parseVersion(text)),
        ),
    ),
  ],
  [
    'semverCompare',
    define(['string', 'string'], (constraint, version) =>
      inGo(() => parseConstraint(constraint).check(parseVersion(version))),
    ),
  ],
])

/** A `semver.Version` or a pointer to one, which alone has the methods that compare. */
class VersionValue extends GoObject {
  readonly version: SemverVersion

  constructor(type: string, version: SemverVersion) {
    super(type, new Map(), methodsOf(type, version))
    this.version = version
  }
}

function methodsOf(type: string, version: SemverVersion): GoMethods {
  const increment = (part: 'major' | 'minor' | 'patch'): GoFunction =>
    define(
      [],
      () =>
        new VersionValue(
          'semver.Version',
          inGo(() => incrementVersion(version, part)),
        ),
    )
  const methods: [string, GoFunction][] = [
    ['String', define([], () => version.toString())],
    ['MarshalText', define([], () => version.toString())],
    ['Major', define([], () => new GoInt('uint64', version.major))],
    ['Minor', define([], () => new GoInt('uint64', version.minor))],
    ['Patch', define([], () => new GoInt('uint64', version.patch))],
    ['Prerelease', define([], () => version.prerelease)],
    ['Metadata', define([], () => version.metadata)],
    ['IncMajor', increment('major')],
    ['IncMinor', increment('minor')],
    ['IncPatch', increment('patch')],
  ]
  return new Map(type === pointer ? [...methods, ...comparisons(version)] : methods)
}

function comparisons(version: SemverVersion): [string, GoFunction][] {
  const comparison = (test: (order: number) => boolean): GoFunction =>
    define([pointer], (other) => test(orderTo(version, other)))
  return [
    ['Original', define([], () => version.original)],
    ['Compare', define([pointer], (other) => goInt(orderTo(version, other)))],
    ['Equal', comparison((order) => order === 0)],
    ['LessThan', comparison((order) => order < 0)],
    ['LessThanEqual', comparison((order) => order <= 0)],
    ['GreaterThan', comparison((order) => order > 0)],
    ['GreaterThanEqual', comparison((order) => order >= 0)],
  ]
}

function orderTo(version: SemverVersion, other: unknown): number {
  if (!(other instanceof VersionValue)) {
    throw new GoError('runtime error: invalid memory address or nil pointer dereference')
  }
  return compareVersions(version, other.version)
}

function inGo<T>(run: () => T): T {
  try {
    return run()
  } catch (cause) {
    if (cause instanceof SemverError) throw new GoError(cause.message)
    throw cause
  }
}
