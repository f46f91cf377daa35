import { emptyConfig, mergeConfigs, type TransformerConfig } from '../config/transformer-config.ts'
import { KustomizeError } from '../errors.ts'
import type { Variable } from '../kustomization/types.ts'
import { idKey, makeId, parseGroupVersion, type ResId } from '../resource/res-id.ts'
import { ResourceList } from '../resource/resource-list.ts'
import {
  describeVariable,
  readVariable,
  VariableReplacer,
  type VariableValue,
  withDefaults,
  withVersion,
} from '../transform/variables.ts'

/** What a kustomization has gathered so far: resources, configuration and variables. */
export class Accumulator {
  readonly resources: ResourceList = new ResourceList()
  config: TransformerConfig = emptyConfig
  private readonly variables = new Map<string, Variable>()

  /** Takes over what another kustomization has gathered. @throws {KustomizeError} when the two conflict. */
  absorb(other: Accumulator): void {
    this.resources.appendAll(other.resources)
    this.mergeConfig(other.config)
    for (const it of other.variables.values()) this.addVariable(it)
  }

  mergeConfig(config: TransformerConfig): void {
    this.config = mergeConfigs(this.config, config)
  }

  /** Adds variables, and marks the resources from which they take their values. */
  mergeVariables(variables: readonly Variable[]): void {
    for (const variable of variables) {
      const id = targetOf(variable)
      const matches = this.resources.all.filter((it) => {
        const ids = [...it.formerIds, it.id]
        return !it.isEmpty && ids.some((candidate) => isTarget(candidate, id))
      })
      const [first, second] = matches
      if (second) {
        throw new KustomizeError(
          'TARGET_INVALID',
          `found ${matches.length} resId matches for var ${describeVariable(withVersion(variable))} (unable to disambiguate)`,
        )
      }
      first?.variables.push(variable.name ?? '')
    }
    for (const it of variables) this.addVariable(it)
  }

  /** Puts the values of all variables where they are used; returns the names that are nowhere used. */
  resolveVariables(): string[] {
    const names = [...this.variables.keys()].toSorted()
    if (names.length === 0) return []
    const values = new Map<string, VariableValue>()
    for (const name of names) {
      const value = this.valueOf(name)
      if (value) values.set(name, value)
    }
    const replacer = new VariableReplacer(values)
    for (const it of this.resources.all) replacer.replaceIn(it, this.config.varReference)
    return names.filter((it) => !replacer.used.has(it))
  }

  private addVariable(variable: Variable): void {
    const name = variable.name ?? ''
    if (this.variables.has(name)) {
      throw new KustomizeError('RESOURCE_CONFLICT', `var '${name}' already encountered`)
    }
    this.variables.set(name, withDefaults(variable))
  }

  private valueOf(name: string): VariableValue | undefined {
    const variable = this.variables.get(name)
    const resource = this.resources.all.find((it) => it.variables.includes(name))
    if (variable && resource) return readVariable(variable, resource)
    throw new KustomizeError(
      'TARGET_INVALID',
      `var '${describeVariable(variable ?? { name })}' cannot be mapped to a field in the set of known resources`,
    )
  }
}

function targetOf({ objref = {} }: Variable): ResId {
  const { apiVersion = '', group = '', version = '', kind = '', name = '', namespace = '' } = objref
  const own = apiVersion === '' ? { group, version } : parseGroupVersion(apiVersion)
  return makeId({ ...own, kind }, name, namespace)
}

/** Without a namespace a variable means a resource in any. */
function isTarget(candidate: ResId, id: ResId): boolean {
  if (id.namespace !== '' || id.clusterScoped) return idKey(candidate) === idKey(id)
  const { name, kind, group, version } = candidate
  return name === id.name && kind === id.kind && group === id.group && version === id.version
}
