import { jsonEqual } from '@sluice/merge'
import type { JsonObject, KubeObject } from '@sluice/ports'
import { validateCrdSchema } from '@sluice/schema'
import { listOf, objectOf, stringsOf, textOf } from '../kinds/json-fields.ts'
import { dns1035Label, dnsSubdomain } from '../kinds/names.ts'
import { duplicate, type FieldError, invalidValue, notSupported, required } from '../status/field-error.ts'
import { isJsonPath } from '../table/json-path.ts'

const columnTypes = ['boolean', 'date', 'integer', 'number', 'string']

/** What is wrong with the definition of a custom resource. */
export function validateDefinition(object: KubeObject): FieldError[] {
  const spec = objectOf(object['spec'])
  const versions = listOf(spec.versions)
  const names = objectOf(spec.names)
  const expected = `${textOf(names.plural)}.${textOf(spec.group)}`
  const { name = '' } = object.metadata
  return [
    ...(name === expected
      ? []
      : [invalidValue('metadata.name', name, 'must be spec.names.plural+"."+spec.group')]),
    ...validateGroup(textOf(spec.group)),
    ...validateScope(textOf(spec.scope)),
    ...validateVersions(versions),
    ...validateNames(names),
    ...validateSchemas(versions),
    ...versions.flatMap((it, index) => validateParts(it, `spec.versions[${index}]`)),
    ...validateStored(object, versions),
  ]
}

function validateGroup(group: string): FieldError[] {
  if (group === '') return [required('spec.group')]
  const problem = dnsSubdomain(group)
  if (problem) return [invalidValue('spec.group', group, problem)]
  return group.includes('.')
    ? []
    : [invalidValue('spec.group', group, 'should be a domain with at least one dot')]
}

function validateScope(scope: string): FieldError[] {
  const scopes = ['Cluster', 'Namespaced']
  if (scope === '') return [required('spec.scope')]
  return scopes.includes(scope) ? [] : [notSupported('spec.scope', scope, scopes)]
}

function validateVersions(versions: readonly JsonObject[]): FieldError[] {
  const field = 'spec.versions'
  const shown = versions.map(goVersion)
  const unique = new Set(versions.map((it) => textOf(it.name)))
  const stored = versions.filter((it) => it.storage === true)
  return [
    ...versions.flatMap((it, index) => {
      const problem = dns1035Label(textOf(it.name))
      return problem ? [invalidValue(`${field}[${index}].name`, textOf(it.name), problem)] : []
    }),
    ...(unique.size === versions.length
      ? []
      : [invalidValue(field, shown, 'must contain unique version names')]),
    ...(stored.length === 1
      ? []
      : [invalidValue(field, shown, 'must have exactly one version marked as storage version')]),
  ]
}

/** A version as Go prints it; what is the same in all versions stands elsewhere there. */
function goVersion({ name, served, storage, deprecated, deprecationWarning }: JsonObject): object {
  return {
    Name: textOf(name),
    Served: served === true,
    Storage: storage === true,
    Deprecated: deprecated === true,
    DeprecationWarning: deprecationWarning ?? null,
    Schema: null,
    Subresources: null,
    AdditionalPrinterColumns: null,
    SelectableFields: null,
  }
}

function validateNames(names: JsonObject): FieldError[] {
  const field = 'spec.names'
  const check = (name: string, text: string, at = name): FieldError[] => {
    const problem = dns1035Label(text.toLowerCase())
    return problem ? [invalidValue(`${field}.${at}`, text, problem)] : []
  }
  const { kind, listKind, plural, singular } = names
  return [
    ...(textOf(plural) === '' ? [required(`${field}.plural`)] : check('plural', textOf(plural))),
    ...(textOf(singular) === '' ? [] : check('singular', textOf(singular))),
    ...(textOf(kind) === '' ? [required(`${field}.kind`)] : check('kind', textOf(kind))),
    ...(textOf(listKind) === '' ? [] : check('listKind', textOf(listKind))),
    ...stringsOf(names.shortNames).flatMap((it, index) => check('', it, `shortNames[${index}]`)),
    ...stringsOf(names.categories).flatMap((it, index) => check('', it, `categories[${index}]`)),
    ...(kind !== undefined && kind === listKind
      ? [invalidValue(`${field}.listKind`, listKind, 'kind and listKind may not be the same')]
      : []),
  ]
}

function validateSchemas(versions: readonly JsonObject[]): FieldError[] {
  const schemas = versions.map((it) => objectOf(it.schema).openAPIV3Schema)
  const [first] = schemas
  const isShared = first !== undefined && schemas.every((it) => jsonEqual(it, first))
  const places = isShared
    ? [['spec.validation.openAPIV3Schema', first] as const]
    : schemas.map((it, index) => [`spec.versions[${index}].schema.openAPIV3Schema`, it] as const)
  return places.flatMap(([field, schema]) => {
    if (schema === undefined) return [required(field)]
    return validateCrdSchema(objectOf(schema), field).map((it) => ({
      reason: it.type,
      field: it.field,
      message: it.text.slice(it.field.length + 2),
    }))
  })
}

function validateParts(version: JsonObject, field: string): FieldError[] {
  const { scale } = objectOf(version.subresources)
  const columns = listOf(version.additionalPrinterColumns)
  const seen = new Set<string>()
  return [
    ...(scale === undefined ? [] : validateScale(objectOf(scale), `${field}.subresources.scale`)),
    ...columns.flatMap((it, index) => validateColumn(it, `${field}.additionalPrinterColumns[${index}]`)),
    ...listOf(version.selectableFields).flatMap((it, index) => {
      const at = `${field}.selectableFields[${index}].jsonPath`
      const path = textOf(it.jsonPath)
      if (path === '') return [required(at)]
      if (seen.has(path)) return [duplicate(at, path)]
      seen.add(path)
      return isJsonPath(path) ? [] : [invalidValue(at, path, 'is an invalid path')]
    }),
  ]
}

function validateScale(scale: JsonObject, field: string): FieldError[] {
  const { specReplicasPath, statusReplicasPath } = scale
  const check = (name: string, path: string, root: string): FieldError[] => {
    if (path === '') return [required(`${field}.${name}`)]
    return path.startsWith(root) && isJsonPath(path)
      ? []
      : [invalidValue(`${field}.${name}`, path, `should be a json path under ${root}`)]
  }
  return [
    ...check('specReplicasPath', textOf(specReplicasPath), '.spec'),
    ...check('statusReplicasPath', textOf(statusReplicasPath), '.status'),
  ]
}

function validateColumn({ name, type, jsonPath }: JsonObject, field: string): FieldError[] {
  const path = textOf(jsonPath)
  return [
    ...(textOf(name) === '' ? [required(`${field}.name`)] : []),
    ...(textOf(type) === ''
      ? [required(`${field}.type`, `must be one of ${columnTypes.join(',')}`)]
      : columnTypes.includes(textOf(type))
        ? []
        : [invalidValue(`${field}.type`, type, `must be one of ${columnTypes.join(',')}`)]),
    ...(path === '' ? [required(`${field}.jsonPath`)] : []),
    ...(path !== '' && !path.startsWith('.') && !path.startsWith('[')
      ? [invalidValue(`${field}.jsonPath`, path, 'must be a valid JSON path')]
      : []),
  ]
}

function validateStored(object: KubeObject, versions: readonly JsonObject[]): FieldError[] {
  const field = 'status.storedVersions'
  const stored = stringsOf(objectOf(object['status']).storedVersions)
  if (stored.length === 0) return [invalidValue(field, null, 'must have at least one stored version')]
  const left = new Set(stored)
  const errors: FieldError[] = []
  for (const version of versions) {
    const name = textOf(version.name)
    if (version.storage === true && !left.has(name)) {
      errors.push(invalidValue(field, stored, `must have the storage version ${name}`))
    }
    left.delete(name)
  }
  return [
    ...errors,
    ...[...left].map((it) =>
      invalidValue(`${field}[${stored.indexOf(it)}]`, it, 'must appear in spec.versions'),
    ),
  ]
}
