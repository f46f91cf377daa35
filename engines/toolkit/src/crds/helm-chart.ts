import { column, type KindDefinition } from './kind-definition.ts'
import { ociVerification } from './oci-repository.ts'
import { flag, list, needed, only, record, type SchemaNode, text } from './schema-node.ts'
import { accessFrom, artifact, commonStatus, interval, localReference, suspend } from './shared-schemas.ts'
import { betas, sourceGroup, sourceVersions } from './source-kinds.ts'

const sinceBeta2 = ['v1', 'v1beta2'] as const

/** When a new artifact of a chart is made; shared with HelmRelease. */
export const reconcileStrategy: SchemaNode = text(
  'When a new artifact is made: when the version changes, or with each revision of the source.',
  { enum: ['ChartVersion', 'Revision'], default: 'ChartVersion' },
)
export const chartVersion: SchemaNode = text('Range of versions; ignored for charts in Git and buckets.', {
  default: '*',
})
export const valuesFiles: SchemaNode = list(
  'Values files in the chart that replace its values.yaml, later ones over earlier ones.',
  text('Path relative to the source.'),
)
export const ignoreMissingValuesFiles: SchemaNode = flag('Passes over values files that do not exist.')
export const valuesFile: SchemaNode = text('A single values file; use `valuesFiles` instead.')

export const helmChartDefinition: KindDefinition = {
  ...sourceGroup,
  kind: 'HelmChart',
  plural: 'helmcharts',
  singular: 'helmchart',
  shortNames: ['hc'],
  versions: sourceVersions(
    column('Chart', '.spec.chart'),
    column('Version', '.spec.version'),
    column('Source Kind', '.spec.sourceRef.kind'),
    column('Source Name', '.spec.sourceRef.name'),
  ),
  description: 'A Helm chart of a source, to fetch or package and to serve.',
  spec: record(
    'What to fetch, and how.',
    {
      chart: needed(text('Name of the chart in the repository, or path in the source.')),
      version: chartVersion,
      sourceRef: needed(
        record('The source of the chart.', {
          apiVersion: text('API version of the source.'),
          kind: needed(text('Kind of the source.', { enum: ['HelmRepository', 'GitRepository', 'Bucket'] })),
          name: needed(text('Name of the source.')),
        }),
      ),
      interval: needed(interval),
      reconcileStrategy,
      valuesFiles,
      ignoreMissingValuesFiles: only(sinceBeta2, ignoreMissingValuesFiles),
      verify: only(sinceBeta2, ociVerification('Signatures that must be valid, for charts in registries.')),
      suspend,
      valuesFile: only(betas, valuesFile),
      accessFrom: only(betas, accessFrom('Namespaces that may refer to this object; without effect.')),
    },
    {
      rules: [
        {
          rule: "!has(self.verify) || self.sourceRef.kind == 'HelmRepository'",
          message: "spec.verify is only supported when spec.sourceRef.kind is 'HelmRepository'",
          only: sinceBeta2,
        },
      ],
    },
  ),
  status: record('What was fetched.', {
    ...commonStatus,
    artifact: artifact('Latest chart.'),
    url: text('Address of the latest chart.'),
    observedChartName: only(sinceBeta2, text('Name of the chart that was fetched last.')),
    observedSourceArtifactRevision: only(sinceBeta2, text('Revision of the source that it was made from.')),
    observedValuesFiles: only(
      sinceBeta2,
      list('Values files that were there.', text('Path relative to the source.')),
    ),
  }),
}

/** Verification as HelmRelease's chart template has it. */
export const chartTemplateVerification: SchemaNode = record('Signatures that must be valid.', {
  provider: needed(
    text('The technology of the signatures.', { enum: ['cosign', 'notation'], default: 'cosign' }),
  ),
  secretRef: localReference('Secret with trusted public keys; keyless verification when absent.'),
})
