/**
 * Go's text/template compiled to closures, and the functions that Helm's templates have.
 *
 * @example
 * const set = new TemplateSet().add(parseTemplates('t', 'hello {{ .name }}'))
 * set.render('t', new Map([['name', 'world']])) // 'hello world'
 */
export { builtinFunctions } from './builtins/builtins.ts'
export { type EnvsubstOptions, envsubst } from './envsubst/envsubst.ts'
export { EnvsubstError } from './envsubst/envsubst-error.ts'
export { TemplateError, type TemplateErrorCode } from './error.ts'
export { defaultLimits, type Limits } from './exec/limits.ts'
export type { MissingKey } from './exec/state.ts'
export { define, defineWithBudget, type FunctionMap, mergeFunctions } from './functions.ts'
export { chartFiles } from './helm/chart-files.ts'
export { helmFunctions } from './helm/helm-functions.ts'
export { type Lookup, type LookupPass, type LookupQuery, lookupKey, lookupPass } from './helm/lookup.ts'
export { type HelmRenderOptions, type HelmTemplate, helmValues, renderHelm } from './helm/render.ts'
export { hermeticSprigFunctions, type SprigPorts, sprigFunctions } from './sprig/sprig.ts'
export { TemplateCache } from './template-cache.ts'
export { type ParsedSource, parseTemplates, Run, type RunOptions, TemplateSet } from './template-set.ts'
