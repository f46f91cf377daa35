import { imageGroup, sinceImageBeta2 } from './image-kinds.ts'
import { age, column, type KindDefinition, ready, status } from './kind-definition.ts'
import { registryProvider } from './oci-repository.ts'
import { flag, list, needed, only, record, text, whole } from './schema-node.ts'
import {
  accessFrom,
  commonStatus,
  fetchDuration,
  interval,
  localReference,
  suspend,
  time,
} from './shared-schemas.ts'

const lastScan = '.status.lastScanResult.scanTime'
const tagCount = '.status.lastScanResult.tagCount'
const oldColumns = [column('Last scan', lastScan), column('Tags', tagCount)]

export const imageRepositoryDefinition: KindDefinition = {
  ...imageGroup,
  kind: 'ImageRepository',
  plural: 'imagerepositories',
  singular: 'imagerepository',
  shortNames: ['imgrepo', 'imagerepo'],
  substitutionDisabled: false,
  versions: [
    {
      name: 'v1',
      columns: [
        column('Image', '.spec.image'),
        column('Tags', tagCount),
        ready,
        status,
        column('Last scan', lastScan, 1),
        age,
      ],
    },
    { name: 'v1beta2', columns: oldColumns, deprecated: true },
    { name: 'v1beta1', columns: oldColumns, deprecated: true },
  ],
  description: 'An image repository whose tags are scanned.',
  spec: record('What to scan, and how.', {
    image: needed(text('Name of the image, without scheme and tag.'), ['v1']),
    interval: needed(interval, ['v1']),
    timeout: fetchDuration('Longest time that a scan may take; the interval when absent.'),
    secretRef: localReference('Secret with credentials, as for pulling images.'),
    serviceAccountName: text('ServiceAccount whose image pull secrets or workload identity are used.', {
      maxLength: 253,
    }),
    certSecretRef: localReference('Secret with TLS certificates.'),
    proxySecretRef: only(
      sinceImageBeta2,
      localReference('Secret with the address and credentials of a proxy.'),
    ),
    provider: only(sinceImageBeta2, registryProvider),
    insecure: only(sinceImageBeta2, flag('Allows HTTP without TLS.')),
    suspend,
    exclusionList: list('Regular expressions for tags to leave out.', text('A regular expression.'), {
      default: ['^.*\\.sig$'],
      maxItems: 25,
    }),
    accessFrom: accessFrom('Other namespaces whose policies may refer to this object.'),
  }),
  status: record('What was found.', {
    ...commonStatus,
    canonicalImageName: text('Name of the image with its registry.'),
    lastScanResult: record('The latest scan.', {
      tagCount: needed(whole('How many tags were found.')),
      scanTime: time('When it was made.'),
      latestTags: only(sinceImageBeta2, list('Some of the tags, in descending order.', text('A tag.'))),
      revision: only(sinceImageBeta2, text('Checksum of the tags.')),
    }),
    observedExclusionList: only(
      sinceImageBeta2,
      list('Value of `exclusionList` at the latest scan.', text('A regular expression.')),
    ),
  }),
}
