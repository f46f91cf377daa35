import { dirname, isAbsolute, join } from 'node:path'
import {
  type KubeConfig,
  type KubeConfigCluster,
  KubeConfigError,
  type KubeConfigUser,
  mergeKubeConfigs,
  parseKubeConfig,
} from './kube-config.ts'
import type { Surroundings } from './surroundings.ts'

/**
 * Reads kubeconfig files: `path` if given, else those of `KUBECONFIG`, else `~/.kube/config`. Relative paths in a file are
 * relative to it. Of several files those that are missing are passed over.
 *
 * @throws {KubeConfigError}
 */
export async function loadKubeConfig(
  surroundings: Surroundings,
  { path }: { readonly path?: string } = {},
): Promise<KubeConfig> {
  if (path !== undefined) return read(path, surroundings)
  const fromEnvironment = (surroundings.env['KUBECONFIG'] ?? '').split(':').filter((it) => it !== '')
  if (fromEnvironment.length === 0) {
    return read(join(surroundings.homeDirectory, '.kube', 'config'), surroundings)
  }
  const configs = await Promise.all(fromEnvironment.map((it) => readIfThere(it, surroundings)))
  return mergeKubeConfigs(configs.filter((it) => it !== undefined))
}

async function readIfThere(path: string, surroundings: Surroundings): Promise<KubeConfig | undefined> {
  try {
    return await read(path, surroundings)
  } catch (error) {
    if (error instanceof KubeConfigError && error.code === 'KUBECONFIG_UNREADABLE') return undefined
    throw error
  }
}

async function read(path: string, surroundings: Surroundings): Promise<KubeConfig> {
  let bytes: Uint8Array
  try {
    bytes = await surroundings.readFile(path)
  } catch (cause) {
    throw new KubeConfigError('KUBECONFIG_UNREADABLE', `cannot read kubeconfig ${path}`, { cause })
  }
  const config = parseKubeConfig(new TextDecoder().decode(bytes))
  const directory = dirname(path)
  return {
    ...config,
    clusters: mapValues(config.clusters, (it) => placed(it, ['certificate-authority'], directory)),
    users: mapValues(config.users, (it) =>
      placed(it, ['client-certificate', 'client-key', 'tokenFile'], directory),
    ),
  }
}

function placed<T extends KubeConfigCluster | KubeConfigUser>(
  entry: T,
  fields: readonly (keyof T)[],
  directory: string,
): T {
  const changed = { ...entry }
  for (const field of fields) {
    const path = entry[field]
    if (typeof path === 'string' && path !== '' && !isAbsolute(path)) {
      changed[field] = join(directory, path) as T[keyof T]
    }
  }
  return changed
}

function mapValues<T>(map: ReadonlyMap<string, T>, change: (value: T) => T): ReadonlyMap<string, T> {
  return new Map([...map].map(([name, value]) => [name, change(value)]))
}
