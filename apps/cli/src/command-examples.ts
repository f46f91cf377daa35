import type { Command } from 'commander'

/** What `--help` shows as examples: by the words of a command, what may be typed after the name of the program. */
const written: Readonly<Record<string, readonly string[]>> = {
  up: ['up', 'up ~/src/fleet', 'up --reset'],
  controller: [
    'controller all --kubeconfig ~/.kube/config',
    'controller source kustomize --enable-leader-election',
    "controller source --watch-label-selector='sharding.fluxcd.io/key=shard1'",
    'controller helm --help',
  ],
  version: ['version', 'version --client -o json'],
  apply: ['apply -f app.yaml', 'apply -n apps -f one.yaml -f two.yaml'],
  check: ['check', 'check --pre'],
  get: ['get kustomizations -A', 'get sources git -n default', 'get all -A'],
  'get helmreleases': [
    'get helmreleases -A --status-selector ready=false',
    'get hr podinfo -n apps --show-source',
  ],
  'get kustomizations': ['get kustomizations -A --watch', 'get ks apps --show-source'],
  'get images policy': ['get images policy -A', 'get image policy podinfo -n apps --explain'],
  'create source git': [
    'create source git app --url=https://git.example.com/team/app --branch=main --interval=5m',
    'create source git app --url=ssh://git@git.example.com/team/app --tag-semver=">=1.0.0 <2.0.0"',
    'create source git app --url=https://git.example.com/team/app --secret-ref=app-auth --export > app.yaml',
  ],
  'create source oci': [
    'create source oci podinfo --url=oci://registry.example.com/manifests/podinfo --tag=6.9.0 --interval=10m',
    'create source oci podinfo --url=oci://registry.example.com/manifests/podinfo --tag-semver=6.x --verify-provider=cosign --verify-secret-ref=cosign-pub',
  ],
  'create source helm': [
    'create source helm podinfo --url=https://charts.example.com --interval=10m',
    'create source helm podinfo --url=oci://registry.example.com/charts --secret-ref=registry-auth',
  ],
  'create source chart': [
    'create source chart podinfo --source=HelmRepository/podinfo --chart=podinfo --chart-version=6.x --interval=10m',
  ],
  'create source bucket': [
    'create source bucket app --bucket-name=app --endpoint=s3.example.com --region=eu-central-1 --secret-ref=app-auth',
  ],
  'create kustomization': [
    'create kustomization app --source=GitRepository/app --path=./deploy --prune --interval=10m',
    'create ks app --source=OCIRepository/app.flux-system --path=./ --depends-on=infra --wait --health-check-timeout=3m',
  ],
  'create helmrelease': [
    'create helmrelease podinfo --source=HelmRepository/podinfo --chart=podinfo --chart-version=">6.0.0" --values=values.yaml',
    'create hr podinfo --chart-ref=OCIRepository/podinfo --target-namespace=apps --create-target-namespace',
  ],
  'create image repository': [
    'create image repository app --image=registry.example.com/team/app --interval=5m',
  ],
  'create image policy': [
    'create image policy app --image-ref=app --select-semver=1.x',
    "create image policy app --image-ref=app --filter-regex='^main-[a-f0-9]+-(?P<ts>[0-9]+)' --filter-extract='$ts' --select-numeric=asc",
  ],
  'create image update': [
    'create image update app --git-repo-ref=app --git-repo-path=./deploy --checkout-branch=main --author-name=bot --author-email=bot@example.com',
  ],
  'create alert': [
    'create alert app --provider-ref=slack --event-severity=info --event-source=Kustomization/app',
  ],
  'create alert-provider': [
    'create alert-provider slack --type=slack --channel=general --secret-ref=slack-address',
  ],
  'create receiver': [
    'create receiver app --type=github --event=ping --event=push --secret-ref=webhook-token --resource=GitRepository/app',
  ],
  'create secret git': [
    'create secret git app-auth --url=https://git.example.com/team/app --username=git --password=TOKEN',
    'create secret git app-auth --url=ssh://git@git.example.com/team/app --private-key-file=./id_ed25519',
  ],
  'create secret githubapp': [
    'create secret githubapp app-auth --app-id=1 --app-installation-id=2 --app-private-key=./app.pem',
  ],
  'create secret receiver': [
    'create secret receiver webhook-token --type=github --hostname=flux.example.com',
  ],
  'create secret helm': ['create secret helm charts-auth --username=reader --password=TOKEN'],
  'create secret oci': [
    'create secret oci registry-auth --url=registry.example.com --username=reader --password=TOKEN',
  ],
  'create secret tls': ['create secret tls client-cert --tls-crt-file=client.crt --tls-key-file=client.key'],
  'create secret proxy': ['create secret proxy proxy-auth --address=https://proxy.example.com:8443'],
  'create secret notation': [
    'create secret notation notation-cfg --trust-policy-file=policy.json --ca-cert-file=root.crt',
  ],
  'create tenant': ['create tenant team-a --with-namespace=apps --cluster-role=edit'],
  reconcile: ['reconcile kustomization app --with-source', 'reconcile source git app'],
  'reconcile source chart': ['reconcile source chart apps-podinfo --with-source'],
  'reconcile kustomization': ['reconcile kustomization app --with-source'],
  'reconcile helmrelease': [
    'reconcile helmrelease podinfo --with-source',
    'reconcile hr podinfo --force',
    'reconcile hr podinfo --reset',
  ],
  diff: [
    'diff kustomization app --path ./app',
    'diff helmrelease app --path . --helmrelease-file app.yaml --dry-run --against ../main',
    'diff image update app',
  ],
  'diff kustomization': [
    'diff kustomization app --path ./app',
    'diff kustomization fleet --path ./clusters/prod --recursive --local-sources GitRepository/flux-system/fleet=.',
  ],
  'diff helmrelease': [
    'diff helmrelease podinfo --path .',
    'diff hr podinfo --path . --helmrelease-file podinfo.yaml --dry-run --against ../main',
  ],
  'diff image update': ['diff image update app -n apps'],
  'diff artifact': ['diff artifact oci://registry.example.com/app:1.0.0 --path ./deploy'],
  'build kustomization': [
    'build kustomization app --path ./deploy',
    'build kustomization app --path ./deploy --kustomization-file app.yaml --dry-run',
  ],
  'build helmrelease': ['build helmrelease podinfo --path . --helmrelease-file podinfo.yaml --dry-run'],
  'build artifact': ['build artifact --path ./deploy --output app.tgz'],
  'push artifact': [
    'push artifact oci://registry.example.com/app:1.0.0 --path=./deploy --source=https://git.example.com/team/app --revision=main@sha1:4f3b2a1c',
  ],
  'pull artifact': ['pull artifact oci://registry.example.com/app:1.0.0 --output ./app'],
  'tag artifact': ['tag artifact oci://registry.example.com/app:1.0.0 --tag latest'],
  'list artifacts': ["list artifacts oci://registry.example.com/app --filter-semver='>=1.0.0'"],
  'tree kustomization': ['tree kustomization app', 'tree ks app --compact -o yaml'],
  trace: [
    'trace deployment podinfo -n apps',
    'trace --kind Deployment --api-version apps/v1 podinfo -n apps',
  ],
  'debug kustomization': ['debug kustomization app --show-status', 'debug ks app --show-vars'],
  'debug helmrelease': ['debug helmrelease podinfo --show-status', 'debug hr podinfo --show-values'],
  events: ['events -A --watch', 'events --for Kustomization/app --types Warning'],
  logs: ['logs -A', 'logs -f --level error -A', 'logs --kind Kustomization --name app --since 5m'],
  stats: ['stats -A'],
  template: [
    'template podinfo ./charts/podinfo --set replicaCount=2',
    'template podinfo podinfo-6.9.0.tgz -f values.yaml --show-only templates/deployment.yaml',
  ],
}

/** Verbs that ask for no more than a name: their examples follow from the words of the command. */
const byName = new Set(['get', 'export', 'delete', 'suspend', 'resume', 'reconcile'])

/** The examples of a command, each without the name of the program; none for a mere group of commands. */
export function examplesOf(words: readonly string[]): readonly string[] {
  const path = words.join(' ')
  const own = written[path]
  if (own !== undefined || words.length < 2 || !byName.has(words[0] ?? '')) return own ?? []
  if (words.at(-1) === 'all') return [`${path} -A`]
  return words[0] === 'get' ? [`${path} -A`, `${path} app -n apps`] : [`${path} app -n apps`]
}

/** Gives every command below `program` its examples, printed after what `--help` says. */
export function addExamples(program: Command): void {
  const visit = (command: Command, words: readonly string[]): void => {
    const examples =
      command.commands.length > 0 && written[words.join(' ')] === undefined ? [] : examplesOf(words)
    if (examples.length > 0) {
      command.addHelpText(
        'after',
        ['\nExamples:', ...examples.map((it) => `  ${program.name()} ${it}`)].join('\n'),
      )
    }
    for (const child of command.commands) visit(child, [...words, child.name()])
  }
  visit(program, [])
}
