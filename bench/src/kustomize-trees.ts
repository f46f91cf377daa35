/** A file tree to be built: path → text. */
export type Files = Map<string, string>

/** One overlay with a patch, an image, a prefix and a generator over a base of three resources. */
export function smallOverlay(): Files {
  return new Map([
    ...base('base'),
    [
      'overlay/kustomization.yaml',
      lines(
        'resources: [../base]',
        'namePrefix: prod-',
        'namespace: shop',
        'labels: [{pairs: {env: prod}, includeSelectors: true}]',
        'images: [{name: nginx, newTag: "1.27"}]',
        'configMapGenerator: [{name: settings, literals: [LEVEL=info]}]',
        'patches: [{path: patch.yaml}]',
      ),
    ],
    [
      'overlay/patch.yaml',
      lines(
        'apiVersion: apps/v1',
        'kind: Deployment',
        'metadata: {name: web}',
        'spec:',
        '  replicas: 3',
        '  template:',
        '    spec:',
        '      containers:',
        '      - name: web',
        '        env: [{name: LEVEL, value: debug}]',
      ),
    ],
  ])
}

/** `count` overlays of one base, each with a prefix and a patch of its own, built as one. */
export function overlays(count: number): Files {
  const files = new Map(base('base'))
  const names = Array.from({ length: count }, (_, i) => `o${i}`)
  files.set('all/kustomization.yaml', `resources:\n${names.map((it) => `- ../${it}\n`).join('')}`)
  for (const name of names) {
    const patch = `- target: {kind: Deployment}\n  patch: '[{"op": "replace", "path": "/spec/replicas", "value": 2}]'\n`
    files.set(
      `${name}/kustomization.yaml`,
      `resources: [../base]\nnamePrefix: ${name}-\nnamespace: ${name}\ncommonLabels: {team: ${name}}\npatches:\n${patch}`,
    )
  }
  return files
}

/** Custom resource definitions of about 50 kB each, as operators install them. */
export function crds(count: number): Files {
  const properties = Array.from(
    { length: 400 },
    (_, i) =>
      `                  field${i}:\n                    description: Says how the part number ${i} of the thing is to be made, and what is done when it cannot be.\n                    type: string\n`,
  ).join('')
  const files: Files = new Map()
  const names = Array.from({ length: count }, (_, i) => `crd${i}`)
  files.set('kustomization.yaml', `resources:\n${names.map((it) => `- ${it}.yaml\n`).join('')}`)
  for (const name of names) {
    files.set(
      `${name}.yaml`,
      lines(
        'apiVersion: apiextensions.k8s.io/v1',
        'kind: CustomResourceDefinition',
        `metadata: {name: ${name}s.example.com}`,
        'spec:',
        '  group: example.com',
        `  names: {kind: ${name}, plural: ${name}s}`,
        '  scope: Namespaced',
        '  versions:',
        '  - name: v1',
        '    schema:',
        '      openAPIV3Schema:',
        '        type: object',
        '        properties:',
        '          spec:',
        '            type: object',
        '            properties:',
        '              parts:',
        '                type: object',
        '                properties:',
        properties.trimEnd(),
      ),
    )
  }
  return files
}

/** `count` resources with references between them, a name prefix and labels. */
export function manyResources(count: number): Files {
  const documents: string[] = []
  for (let i = 0; documents.length < count; i += 1) {
    documents.push(deployment(`app-${i}`), configMap(`app-${i}`))
  }
  return new Map([
    ['kustomization.yaml', 'resources: [all.yaml]\nnamePrefix: p-\ncommonLabels: {team: a, tier: b}\n'],
    ['all.yaml', documents.slice(0, count).join('---\n')],
  ])
}

function base(path: string): Files {
  return new Map([
    [`${path}/kustomization.yaml`, 'resources: [deployment.yaml, service.yaml, config.yaml]\n'],
    [`${path}/deployment.yaml`, deployment('web')],
    [
      `${path}/service.yaml`,
      lines(
        'apiVersion: v1',
        'kind: Service',
        'metadata: {name: web}',
        'spec:',
        '  selector: {app: web}',
        '  ports: [{port: 80, targetPort: 8080}]',
      ),
    ],
    [`${path}/config.yaml`, configMap('web')],
  ])
}

function deployment(name: string): string {
  return lines(
    'apiVersion: apps/v1',
    'kind: Deployment',
    'metadata:',
    `  name: ${name}`,
    '  labels:',
    `    app: ${name}`,
    'spec:',
    '  replicas: 1',
    '  selector:',
    '    matchLabels:',
    `      app: ${name}`,
    '  template:',
    '    metadata:',
    '      labels:',
    `        app: ${name}`,
    '    spec:',
    '      containers:',
    '      - name: web',
    '        image: nginx:1.25',
    '        ports:',
    '        - containerPort: 8080',
    '          name: http',
    '        envFrom:',
    '        - configMapRef:',
    `            name: ${name}`,
    '        resources:',
    '          requests: {cpu: 100m, memory: 128Mi}',
  )
}

function configMap(name: string): string {
  return lines(
    'apiVersion: v1',
    'kind: ConfigMap',
    'metadata:',
    `  name: ${name}`,
    'data:',
    '  level: info',
    '  config.yaml: |',
    '    listen: ":8080"',
    '    workers: 4',
  )
}

function lines(...all: readonly string[]): string {
  return `${all.join('\n')}\n`
}
