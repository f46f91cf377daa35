import { flag, list, map, needed, record, type SchemaNode, text, whole } from './schema-node.ts'

/** A Go duration; `fetch` durations know no hours. Source: CRDs of Flux 2.9. */
export const durationPattern = '^([0-9]+(\\.[0-9]+)?(ms|s|m|h))+$'
export const fetchDurationPattern = '^([0-9]+(\\.[0-9]+)?(ms|s|m))+$'

export function duration(description: string): SchemaNode {
  return text(description, { pattern: durationPattern })
}

export function fetchDuration(description: string, defaultValue?: string): SchemaNode {
  return text(description, {
    pattern: fetchDurationPattern,
    ...(defaultValue !== undefined && { default: defaultValue }),
  })
}

export function time(description: string): SchemaNode {
  return text(description, { format: 'date-time' })
}

/** A reference by name to something in the same namespace. */
export function localReference(description: string, nameOfWhat = 'Name of the object.'): SchemaNode {
  return record(description, { name: needed(text(nameOfWhat)) })
}

export const suspend: SchemaNode = flag(
  'Stops reconciling while true; what runs already is brought to its end.',
)
export const interval: SchemaNode = duration('Time between two reconciliations, jitter aside.')

export const stringMap = (description: string): SchemaNode => map(description, text('A value.'))

export const conditions: SchemaNode = list(
  'Latest observations of the object.',
  record('One aspect of the state of the object.', {
    type: needed(
      text('Kind of condition in CamelCase, possibly prefixed with a domain.', {
        maxLength: 316,
        pattern:
          '^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$',
      }),
    ),
    status: needed(text('Whether the condition holds.', { enum: ['True', 'False', 'Unknown'] })),
    reason: needed(
      text('Cause of the last transition, for programs.', {
        minLength: 1,
        maxLength: 1024,
        pattern: '^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$',
      }),
    ),
    message: needed(text('Details of the last transition, for people.', { maxLength: 32768 })),
    lastTransitionTime: needed(time('When the condition last changed.')),
    observedGeneration: whole('Generation of the object that the condition was set for.', {
      format: 'int64',
      minimum: 0,
    }),
  }),
)

export const observedGeneration: SchemaNode = whole('Generation that was reconciled to a conclusion.', {
  format: 'int64',
})
export const lastHandledReconcileAt: SchemaNode = text(
  'Value of the requestedAt annotation that was handled last.',
)

/** What the status of every reconciled kind has. */
export const commonStatus: Readonly<Record<string, SchemaNode>> = {
  conditions,
  observedGeneration,
  lastHandledReconcileAt,
}

/** Versions of the source group, oldest first. */
const sourceBetas = ['v1beta1', 'v1beta2'] as const

export function artifact(description: string): SchemaNode {
  return record(description, {
    path: needed(text('Path of the file below the root of the storage.')),
    url: needed(text('Address of the file as served in the cluster.')),
    revision: needed(text('What the content is a copy of, readable by people.'), ['v1', 'v1beta2']),
    digest: needed(
      text('Digest of the file as `<algorithm>:<checksum>`.', {
        pattern: '^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[a-zA-Z0-9=_-]+$',
      }),
      ['v1'],
    ),
    checksum: { ...text('SHA-256 checksum of the file.'), only: sourceBetas },
    lastUpdateTime: needed(time('When the artifact was made.'), ['v1', 'v1beta2']),
    size: whole('Length of the file in bytes.', { format: 'int64' }),
    metadata: stringMap('Facts from upstream, such as OCI annotations.'),
  })
}

/** Rules that let other namespaces refer to an object. */
export function accessFrom(description: string): SchemaNode {
  return record(description, {
    namespaceSelectors: needed(
      list(
        'Namespaces that may refer to the object; one matching selector is enough.',
        record('Selects namespaces.', {
          matchLabels: stringMap('Labels that a namespace must have; empty for all namespaces.'),
        }),
      ),
    ),
  })
}

export const kubeConfig: SchemaNode = record(
  'The remote cluster to work in; the cluster of the controller when absent.',
  {
    secretRef: record('Secret with a kubeconfig.', {
      name: needed(text('Name of the Secret.')),
      key: text('Key in the Secret; `value` or `value.yaml` when absent.'),
    }),
    configMapRef: localReference('ConfigMap that describes a cluster of a cloud provider.'),
  },
  {
    rules: [
      {
        rule: 'has(self.configMapRef) || has(self.secretRef)',
        message: 'exactly one of spec.kubeConfig.configMapRef or spec.kubeConfig.secretRef must be specified',
      },
      {
        rule: '!has(self.configMapRef) || !has(self.secretRef)',
        message: 'exactly one of spec.kubeConfig.configMapRef or spec.kubeConfig.secretRef must be specified',
      },
    ],
  },
)

export function dependsOn(kind: string): SchemaNode {
  return list(
    `${kind}s that must be ready before this one is reconciled.`,
    record('A dependency.', {
      name: needed(text(`Name of the ${kind}.`)),
      namespace: text('Namespace; that of this object when absent.'),
      readyExpr: text('CEL expression over `self` and `dep` that says whether the dependency is ready.'),
    }),
  )
}

export const healthCheckExprs: SchemaNode = list(
  'CEL expressions that tell the health of custom resources.',
  record('Expressions for one kind; asked in the order inProgress, failed, current.', {
    apiVersion: needed(text('API version of the kind.')),
    kind: text('The kind.'),
    current: needed(text('True when the object is as it should be.')),
    failed: text('True when the object will not become ready.'),
    inProgress: text('True while the object is still changing.'),
  }),
)

export function selector(description: string): SchemaNode {
  return record(description, {
    group: text('Regular expression for the API group.'),
    version: text('Regular expression for the API version.'),
    kind: text('Regular expression for the kind.'),
    name: text('Regular expression for the name.'),
    namespace: text('Regular expression for the namespace.'),
    labelSelector: text('Label selector.'),
    annotationSelector: text('Selector over annotations, in the syntax of label selectors.'),
  })
}

export const kustomizePatches: SchemaNode = list(
  'Strategic merge and JSON patches.',
  record('A patch.', {
    patch: needed(text('The patch in YAML.')),
    target: selector('Objects that the patch is for; those that the patch names when absent.'),
  }),
)

export const kustomizeImages: SchemaNode = list(
  'Overrides of image names, tags and digests.',
  record('An override.', {
    name: needed(text('Image name to look for, without tag.')),
    newName: text('Name to put in its place.'),
    newTag: text('Tag to put in its place.'),
    digest: text('Digest to put in the place of the tag.'),
  }),
)

export function ignoreRules(description: string): SchemaNode {
  return list(
    description,
    record('Fields of some objects.', {
      paths: needed(list('JSON pointers to the fields.', text('A JSON pointer (RFC 6901).'))),
      target: selector('Objects that the rule is for; all when absent.'),
    }),
  )
}

export const commonMetadata: SchemaNode = record('Labels and annotations for all objects.', {
  labels: stringMap('Labels to add.'),
  annotations: stringMap('Annotations to add.'),
})

export const inventory: SchemaNode = record('Objects that were applied.', {
  entries: needed(
    list(
      'References to the objects.',
      record('A reference.', {
        id: needed(text('Identity as `<namespace>_<name>_<group>_<kind>`.')),
        v: needed(text('API version of the kind.')),
      }),
    ),
  ),
})
