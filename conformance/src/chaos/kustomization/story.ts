import { isDeepStrictEqual } from 'node:util'
import { type Lab, startLab } from '../../lab/lab.ts'
import { clusterState, stateOf } from './cluster-state.ts'

const app = 'app'

/** What happens to one Kustomization: it is applied, changed, and deleted. */
const revisions: readonly Readonly<Record<string, string>>[] = [
  {
    'app/namespace.yaml': 'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n',
    'app/crd.yaml': widgetDefinition(),
    'app/widget.yaml':
      'apiVersion: lab.example/v1\nkind: Widget\nmetadata: {name: w, namespace: shop}\nspec: {size: 1}\n',
    'app/config.yaml': configs(['a', 'b', 'c', 'd'], 'one'),
    'app/secret.yaml': secret('first'),
    'app/web.yaml': service(80),
  },
  {
    'app/namespace.yaml': 'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n',
    'app/crd.yaml': widgetDefinition(),
    'app/widget.yaml':
      'apiVersion: lab.example/v1\nkind: Widget\nmetadata: {name: w, namespace: shop}\nspec: {size: 2}\n',
    'app/config.yaml': configs(['a', 'c', 'e'], 'two'),
    // Immutable, so that it has to be replaced.
    'app/secret.yaml': secret('second'),
    'app/web.yaml': service(8080),
  },
]

/** Plays the whole life of the Kustomization and tells what the cluster looked like at each stage. */
export async function play(startController: (lab: Lab) => void): Promise<readonly string[]> {
  await using lab = await startLab()
  startController(lab)
  const states: string[] = []
  for (const [at, files] of revisions.entries()) {
    const revision = await lab.publish(files)
    if (at === 0) await lab.create(kustomization)
    await lab.applied(app, revision)
    states.push(...(await clusterState(lab)))
    // A controller that was started again may be at work still.
    states.push(stateOf(await lab.applied(app, revision)))
  }
  await lab.remove(app)
  states.push(...(await clusterState(lab)))
  return states
}

/** What differs from an undisturbed run, if anything. */
export function differenceTo(want: readonly string[], got: readonly string[]): string | undefined {
  return isDeepStrictEqual(got, want) ? undefined : firstDifference(got, want)
}

function firstDifference(left: readonly string[], right: readonly string[]): string {
  const at = Array.from({ length: Math.max(left.length, right.length) }).findIndex(
    (_, index) => left[index] !== right[index],
  )
  const [got, want] = [left[at] ?? 'nothing', right[at] ?? 'nothing']
  let same = 0
  while (same < got.length && got[same] === want[same]) same += 1
  const from = Math.max(0, same - 60)
  return `got ${got.slice(0, 60)} … ${got.slice(from, from + 300)}, want … ${want.slice(from, from + 300)}`
}

const kustomization = `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: ${app}, namespace: lab}
spec:
  interval: 10m
  retryInterval: 5s
  path: ./app
  prune: true
  force: true
  wait: true
  timeout: 1m
  sourceRef: {kind: GitRepository, name: app}
`

function configs(names: readonly string[], value: string): string {
  return names
    .map(
      (name) =>
        `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, namespace: shop}\ndata: {value: ${value}}\n`,
    )
    .join('---\n')
}

function secret(value: string): string {
  return `apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: shop}\nimmutable: true\nstringData: {value: ${value}}\n`
}

function service(port: number): string {
  return `apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec: {selector: {app: web}, ports: [{port: ${port}}]}\n`
}

function widgetDefinition(): string {
  return `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.lab.example}
spec:
  group: lab.example
  scope: Namespaced
  names: {kind: Widget, plural: widgets}
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties: {spec: {type: object, properties: {size: {type: integer}}}}
`
}
