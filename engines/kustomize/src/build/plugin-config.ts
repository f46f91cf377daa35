import { printYaml } from '@sluice/yaml'
import { KustomizeError } from '../errors.ts'
import { withoutEmpty } from '../kustomization/without-empty.ts'

/** What a plugin is configured with by a field of a kustomization: what kustomize would write for it, as YAML. */
export function configText(config: object): string {
  return printYaml(withoutEmpty(config))
}

/** Makes a plugin of a field; a failure shows how it was configured. */
export function configuredBy<T>(kind: string, config: () => object, make: (config: () => string) => T): T {
  const text = (): string => configText(config())
  try {
    return make(text)
  } catch (cause) {
    const message = `trouble configuring builtin ${kind} with config: \`\n${text()}\``
    throw new KustomizeError('PLUGIN_INVALID', message, { cause })
  }
}
