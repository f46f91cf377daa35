/**
 * The Common Expression Language with Kubernetes' libraries: compiled once, evaluated many times, bounded in cost.
 *
 * @example
 * const environment = kubernetesEnvironment().extend({ variables: new Map([['self', dynType]]) })
 * const program = compile(environment, 'self.replicas <= 3')
 * program.evaluate((name) => (name === 'self' ? fromJson({ replicas: 2 }) : undefined)) // true
 */
export type { CheckedExpression, TypeProvider } from './check/checked.ts'
export { estimateCost, type SizeOfPath } from './cost/estimate/estimate-cost.ts'
export { maxSize, Range } from './cost/estimate/range.ts'
export type { CostModel, EnvironmentOptions } from './environment/environment.ts'
export { Environment } from './environment/environment.ts'
export {
  fluxEnvironment,
  fullEnvironment,
  kubernetesEnvironment,
  plainEnvironment,
} from './environment/environments.ts'
export { CelCostError, CelProgramError } from './evaluate/frame.ts'
export { parseIp } from './library/kubernetes/ip-value.ts'
export {
  checkDns1035Label,
  checkDnsSubdomain,
  checkLabelValue,
  checkQualifiedName,
} from './library/kubernetes/names.ts'
export { hasStringFormat } from './library/kubernetes/string-formats.ts'
export { parseRequestUrl } from './library/kubernetes/url-value.ts'
export {
  check,
  compile,
  compileUnchecked,
  defaultCostLimit,
  type EvaluateOptions,
  type Evaluation,
  Program,
  parse,
  type Variables,
} from './program.ts'
export { CelCompileError, type CelIssue } from './syntax/source.ts'
export {
  boolType,
  bytesType,
  CelType,
  doubleType,
  durationType,
  dynType,
  intType,
  listType,
  mapType,
  nullType,
  objectType,
  opaqueType,
  optionalType,
  stringType,
  timestampType,
  typeOfType,
  uintType,
} from './types/cel-type.ts'
export { fromJson, type JsonNumbers } from './values/convert.ts'
export { equalValues } from './values/equality.ts'
export { type ListSemantics, ListValue } from './values/list-value.ts'
export { FieldMap, MapValue } from './values/map-value.ts'
export { Duration, formatTimestamp, parseDuration, parseTimestamp, Timestamp } from './values/time.ts'
export {
  CelError,
  type CelValue,
  Double,
  OpaqueValue,
  OptionalValue,
  TypeValue,
  typeOf,
  Uint,
} from './values/value.ts'
