import { parseDocuments, parseYamlDocuments, printTree, printYaml } from '@sluice/yaml'
import type { Benchmark } from '../benchmark.ts'

const documents = 4_500
const rounds = 7

/** Reads and prints a stream of 5 MB in 4,500 documents, as objects and as trees. CPU time of the whole process. */
export const benchmark: Benchmark = (report) => {
  const text = Array.from({ length: documents }, (_, index) => deployment(index)).join('---\n')
  report.figure('yaml stream', text.length / 1e6, 'MB')
  const reading = measure(() => parseYamlDocuments(text))
  const values = parseYamlDocuments(text).map((it) => it.value)
  const printing = measure(() => values.map((it) => printYaml(it)))
  const composing = measure(() => parseDocuments(text))
  const trees = parseDocuments(text)
  const printingTrees = measure(() => trees.map((it) => printTree(it)))
  report.figure('yaml read, first time', reading.first, 'ms CPU')
  report.goal('yaml read', reading.median, { unit: 'ms CPU', atMost: 300 })
  report.figure('yaml printed, first time', printing.first, 'ms CPU')
  report.goal('yaml printed', printing.median, { unit: 'ms CPU', atMost: 300 })
  report.figure('yaml as node tree, first time', composing.first, 'ms CPU')
  report.goal('yaml as node tree', composing.median, { unit: 'ms CPU', atMost: 600 })
  report.figure('yaml node tree printed', printingTrees.median, 'ms CPU')
  return Promise.resolve()
}

/** CPU milliseconds of the first run, when nothing is compiled, and of the median of the others. */
function measure(run: () => unknown): { readonly first: number; readonly median: number } {
  const samples: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    const before = process.cpuUsage()
    run()
    const { user, system } = process.cpuUsage(before)
    samples.push((user + system) / 1_000)
  }
  const [first = 0, ...others] = samples
  return { first, median: others.toSorted((a, b) => a - b)[others.length >> 1] ?? first }
}

function deployment(index: number): string {
  return `# Source: app/templates/deployment-${index}.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: podinfo-${index}
  namespace: apps-${index % 17}
  labels:
    app.kubernetes.io/name: podinfo
    app.kubernetes.io/version: "6.3.${index % 9}"
    helm.sh/chart: podinfo-6.3.5
  annotations:
    checksum/config: 1f3870be274f6c49b3e31a0c6728957f${index}
    description: "a quoted \\"text\\" with: colons"
spec:
  replicas: ${index % 5}
  selector:
    matchLabels:
      app.kubernetes.io/name: podinfo
  template:
    metadata:
      annotations:
        prometheus.io/scrape: "true"
        prometheus.io/port: '9898'
    spec:
      terminationGracePeriodSeconds: 30
      containers:
      - name: podinfo
        image: "ghcr.io/stefanprodan/podinfo:6.3.${index % 9}" # the image
        imagePullPolicy: IfNotPresent
        command:
        - ./podinfo
        - --port=9898
        - --level=info
        ports:
        - name: http
          containerPort: 9898
          protocol: TCP
        resources:
          limits: null
          requests: {cpu: 1m, memory: 16Mi}
        volumeMounts:
        - name: data
          mountPath: /data
`
}
