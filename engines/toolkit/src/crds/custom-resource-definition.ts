import type { JsonObject, KubeObject } from '@sluice/ports'
import type { KindDefinition, PrinterColumn, VersionDefinition } from './kind-definition.ts'
import { renderSchema } from './schema-node.ts'

/** The CustomResourceDefinition of a kind in all its versions, conversion `None`. */
export function customResourceDefinition(definition: KindDefinition): KubeObject {
  const { group, kind, plural, singular, shortNames, categories } = definition
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: `${plural}.${group}`,
      ...(definition.substitutionDisabled && {
        annotations: { 'kustomize.toolkit.fluxcd.io/substitute': 'disabled' },
      }),
    },
    spec: {
      group,
      scope: 'Namespaced',
      names: {
        kind,
        listKind: `${kind}List`,
        plural,
        singular,
        ...(shortNames.length > 0 && { shortNames }),
        categories,
      },
      versions: definition.versions.map((version) => renderVersion(definition, version)),
    },
  }
}

function renderVersion(definition: KindDefinition, version: VersionDefinition): JsonObject {
  const { kind, storage } = definition
  return {
    name: version.name,
    served: true,
    storage: version.name === storage,
    ...(version.deprecated && {
      deprecated: true,
      deprecationWarning: `${version.name} ${kind} is deprecated, upgrade to ${storage}`,
    }),
    additionalPrinterColumns: version.columns.map(renderColumn),
    schema: { openAPIV3Schema: renderRoot(definition, version.name) },
    ...(hasStatus(definition, version.name) && { subresources: { status: {} } }),
  }
}

function renderRoot(definition: KindDefinition, version: string): JsonObject {
  const { description, spec, status, storage, statusBeginsUnobserved } = definition
  return {
    description,
    type: 'object',
    properties: {
      apiVersion: { type: 'string', description: 'Version of the schema of this object.' },
      kind: { type: 'string', description: 'Kind of this object.' },
      metadata: { type: 'object' },
      spec: renderSchema(spec, version, storage),
      ...(status &&
        (version === storage || hasStatus(definition, version)) && {
          status: {
            ...renderSchema(status, version, storage),
            ...(statusBeginsUnobserved &&
              hasStatus(definition, version) && { default: { observedGeneration: -1 } }),
          },
        }),
    },
  }
}

function hasStatus({ status, statusIn }: KindDefinition, version: string): boolean {
  return status !== undefined && (statusIn === undefined || statusIn.includes(version))
}

function renderColumn(column: PrinterColumn): JsonObject {
  return { ...column }
}
