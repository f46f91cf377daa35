import { parseDocument } from '@sluice/yaml'
import { KustomizeError } from '../errors.ts'
import { expectResource } from '../resource/read-resources.ts'
import { Resource } from '../resource/resource.ts'

/** A Kubernetes service account that stands for one of a cloud. */
export type IamPolicyArgs = {
  readonly cloud?: string
  readonly kubernetesService?: { readonly name?: string; readonly namespace?: string }
  readonly serviceAccount?: { readonly name?: string; readonly projectId?: string }
}

/**
 * Makes the service account. Names are taken as YAML, as kustomize does.
 *
 * @throws {KustomizeError} for clouds other than `gke`, or without a name.
 */
export function generateIamPolicy(args: IamPolicyArgs): Resource {
  const { cloud = '', kubernetesService = {}, serviceAccount = {} } = args
  if (cloud !== 'gke') {
    throw new KustomizeError('PLUGIN_INVALID', `cloud provider ${cloud} not supported yet`)
  }
  const { name = '', namespace = '' } = kubernetesService
  const account = `${serviceAccount.name ?? ''}@${serviceAccount.projectId ?? ''}.iam.gserviceaccount.com`
  const lines = [
    'apiVersion: v1',
    'kind: ServiceAccount',
    'metadata:',
    '  annotations:',
    `    iam.gke.io/gcp-service-account: ${account}`,
    `  name: ${name}`,
    namespace === '' ? '' : `  namespace: ${namespace}`,
  ]
  const node = parseDocument(lines.join('\n'))?.content[0]
  if (!node) throw new KustomizeError('PLUGIN_INVALID', 'the service account is empty')
  expectResource(node)
  return new Resource(node)
}
