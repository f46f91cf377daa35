import { fromPlain } from '@sluice/yaml'
import { KustomizeError } from '../errors.ts'
import { Resource } from '../resource/resource.ts'

/** A Kubernetes service account that stands for one of a cloud. */
export type IamPolicyArgs = {
  readonly cloud?: string
  readonly kubernetesService?: { readonly name?: string; readonly namespace?: string }
  readonly serviceAccount?: { readonly name?: string; readonly projectId?: string }
}

/** Makes the service account. @throws {KustomizeError} for clouds other than `gke`. */
export function generateIamPolicy(args: IamPolicyArgs): Resource {
  const { cloud = '', kubernetesService = {}, serviceAccount = {} } = args
  if (cloud !== 'gke') {
    throw new KustomizeError('PLUGIN_INVALID', `cloud provider ${cloud} not supported yet`)
  }
  const { name = '', namespace = '' } = kubernetesService
  const account = `${serviceAccount.name ?? ''}@${serviceAccount.projectId ?? ''}.iam.gserviceaccount.com`
  return new Resource(
    fromPlain({
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: {
        annotations: { 'iam.gke.io/gcp-service-account': account },
        name,
        ...(namespace === '' ? {} : { namespace }),
      },
    }),
  )
}
