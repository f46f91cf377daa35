import { isMissingOrNull } from '@sluice/merge'
import { toPlain, type YamlNode } from '@sluice/yaml'
import { KustomizeError } from '../errors.ts'
import type { Variable } from '../kustomization/types.ts'
import { type FieldSpec, visitField } from '../nodes/field-spec.ts'
import { lookup } from '../nodes/lookup.ts'
import { splitFieldPath } from '../nodes/path.ts'
import { formatGvk, isSelected, parseGroupVersion } from '../resource/res-id.ts'
import type { Resource } from '../resource/resource.ts'

/** The value of a variable: only scalars can be put in. */
export type VariableValue = { readonly text: string; readonly tag: '!!str' | '!!int' | '!!bool' | '!!float' }

/** Puts values where `$(NAME)` stands; `$$` stands for `$`. Names without a value stay. */
export class VariableReplacer {
  /** Names that were put in somewhere. */
  readonly used: Set<string> = new Set()
  private readonly values: ReadonlyMap<string, VariableValue>

  constructor(values: ReadonlyMap<string, VariableValue>) {
    this.values = values
  }

  /** Replaces in the fields of `fieldSpecs`. */
  replaceIn(resource: Resource, fieldSpecs: readonly FieldSpec[]): void {
    const { gvk, node } = resource
    for (const spec of fieldSpecs) {
      if (!isSelected(gvk, spec)) continue
      visitField(node, { path: spec.path }, (it) => this.replaceNode(it))
    }
  }

  private replaceNode(node: YamlNode): void {
    if (isMissingOrNull(node)) return
    if (node.kind === 'scalar') {
      if (isString(node)) this.replaceScalar(node)
    } else if (node.kind === 'mapping') {
      this.replaceEntries(node)
    } else {
      for (const item of node.content) {
        if (!isString(item)) {
          throw new KustomizeError('FIELD_INVALID', 'invalid value type expect a string')
        }
        this.replaceScalar(item)
      }
    }
  }

  private replaceEntries({ content }: YamlNode): void {
    for (let i = 0; i + 1 < content.length; i += 2) {
      const [key, value] = [content[i], content[i + 1]]
      if (!key || !value) continue
      if (!isString(key)) {
        throw new KustomizeError('FIELD_INVALID', `invalid map key: value='${key.value}', tag='${key.tag}'`)
      }
      if (isString(value)) this.replaceScalar(value)
    }
  }

  private replaceScalar(node: YamlNode): void {
    const { text, tag } = this.expand(node.value)
    node.value = text
    node.tag = tag
    node.tagged = false
    node.style = 'plain'
  }

  /** A text that is one reference as a whole takes the type of the value. */
  private expand(text: string): VariableValue {
    let expanded = ''
    let checkpoint = 0
    for (let i = 0; i + 1 < text.length; i += 1) {
      if (text[i] !== '$') continue
      expanded += text.slice(checkpoint, i)
      const close = text[i + 1] === '(' ? text.indexOf(')', i + 2) : -1
      if (close >= 0) {
        const name = text.slice(i + 2, close)
        const value = this.valueOf(name)
        if (value && i === 0 && close === text.length - 1) return value
        expanded += value?.text ?? `$(${name})`
        i = close
      } else {
        const next = text[i + 1] ?? ''
        expanded += next === '$' ? '$' : `$${next}`
        i += 1
      }
      checkpoint = i + 1
    }
    return { text: expanded + text.slice(checkpoint), tag: '!!str' }
  }

  private valueOf(name: string): VariableValue | undefined {
    const value = this.values.get(name)
    if (value) this.used.add(name)
    return value
  }
}

/** The value that a variable takes from a resource; `undefined` for one that is no scalar. */
export function readVariable(variable: Variable, { node }: Resource): VariableValue | undefined {
  const path = variable.fieldref?.fieldPath || 'metadata.name'
  const field = lookup(node, splitFieldPath(path).flatMap(splitIndex))
  if (!field) {
    throw new KustomizeError(
      'TARGET_INVALID',
      `field specified in var '${describeVariable(variable)}' not found in corresponding resource`,
    )
  }
  if (field.kind !== 'scalar') {
    toPlain(field)
    return undefined
  }
  const { value, tag } = field
  switch (tag) {
    case '!!int':
      return { text: String(Number(value)), tag }
    case '!!bool':
      return { text: String(/^(?:1|t|true)$/i.test(value)), tag }
    case '!!float':
      return { text: String(Number(value)), tag }
    default:
      return { text: value, tag: '!!str' }
  }
}

/** A variable as Go prints the struct: its name, the kind it refers to, its field. */
export function describeVariable({ name = '', objref = {}, fieldref = {} }: Variable): string {
  return `{${name} ${formatGvk(objref)} {${fieldref.fieldPath ?? ''}}}`
}

/** The variable with the group and version that it gives as `apiVersion`. */
export function withVersion(variable: Variable): Variable {
  const { objref = {} } = variable
  const { apiVersion = '' } = objref
  return apiVersion === ''
    ? variable
    : { ...variable, objref: { ...objref, ...parseGroupVersion(apiVersion) } }
}

/** The variable with the field that it means when it names none. */
export function withDefaults(variable: Variable): Variable {
  const fieldPath = variable.fieldref?.fieldPath || 'metadata.name'
  return { ...withVersion(variable), fieldref: { fieldPath } }
}

/** `ports[0]` is the field `ports` and the index 0. */
function splitIndex(part: string): string[] {
  const match = /^(.*)\[(\d+)\]$/.exec(part)
  if (!match) return [part]
  const [, field = '', index = ''] = match
  return field === '' ? [index] : [field, index]
}

function isString({ kind, tag }: YamlNode): boolean {
  return kind === 'scalar' && (tag === '!!str' || tag === '')
}
