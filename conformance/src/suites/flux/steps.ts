/** One line of a scenario's STEPS.md. Paths are relative to the scenario's folder. */
export type Step =
  | {
      readonly kind: 'commit'
      readonly repository: string
      readonly branch: string
      readonly tag: string | undefined
      readonly message: string
      /** The commit that was recorded; ours differs, so texts are compared under this name. */
      readonly sha: string
      readonly tree: string
    }
  | { readonly kind: 'kubectl'; readonly args: readonly string[]; readonly expectedError: string | undefined }
  | {
      readonly kind: 'annotate'
      readonly object: string
      readonly key: string
      /** Where it is not the scenario's. */
      readonly namespace: string | undefined
    }
  /** Several annotations at once, with a token instead of the time. */
  | {
      readonly kind: 'request'
      readonly object: string
      readonly annotations: readonly string[]
      readonly token: string
    }
  | { readonly kind: 'helm'; readonly args: readonly string[]; readonly expectedError: string | undefined }
  | { readonly kind: 'releaseRecord'; readonly edit: RecordEdit }
  /** A new tag of the image that the scenario is about. */
  | { readonly kind: 'push'; readonly tag: string }
  | { readonly kind: 'record'; readonly name: string }
  | { readonly kind: 'unsupported'; readonly text: string }

/** How somebody changed the record of a release. */
export type RecordEdit = {
  /** Name of the Secret. */
  readonly name: string
  /** The Secret that it becomes a copy of, with the number that it gets. */
  readonly copyOf?: { readonly name: string; readonly revision: number }
  readonly status: string
  readonly description?: string
}

export type Scenario = {
  readonly name: string
  readonly namespace: string
  readonly steps: readonly Step[]
  /** How long the recording took, in milliseconds. */
  readonly tookMs: number
}

type Groups = readonly (string | undefined)[]

/** How lines look, and the steps that they are; the groups of a pattern are the arguments. */
const forms: readonly (readonly [RegExp, (groups: Groups) => Step])[] = [
  [
    /^git commit #\d+ repo=(\S+) branch=(\S+) tag=(\S+) msg='(.*)' -> ([0-9a-f]{40}) \(tree in (\S+)\)$/,
    ([repository = '', branch = '', tag = '', message = '', sha = '', tree = '']) => {
      return { kind: 'commit', repository, branch, tag: tag === 'None' ? undefined : tag, message, sha, tree }
    },
  ],
  [
    /^annotate (\S+) (\S+)=<now>(?: \(namespace (\S+)\))?$/,
    ([object = '', key = '', namespace]) => ({ kind: 'annotate', object, key, namespace }),
  ],
  [
    /^annotate (\S+) requestedAt=(forceAt|resetAt)=(\S+)$/,
    ([object = '', name = '', token = '']) => {
      const annotations = ['requestedAt', name].map((it) => `reconcile.fluxcd.io/${it}`)
      return { kind: 'request', object, annotations, token }
    },
  ],
  [/^pushed image tag (\S+)$/, ([tag = '']) => ({ kind: 'push', tag })],
  [/^recorded expected\/(\S+)$/, ([name = '']) => ({ kind: 'record', name })],
  [
    /^(kubectl|helm) (.*?)(?: -> rc=1 (.*))?$/,
    ([tool, line = '', expectedError]) => {
      return { kind: tool === 'helm' ? 'helm' : 'kubectl', args: splitWords(line), expectedError }
    },
  ],
  [
    /^release Secret (\S+)\.v(\d+) (?:replaced: info\.status and the label status are|created: a copy of v(\d+) with version \d+, info\.status and label status) ([\w-]+)(?:, description "(.*)")?$/,
    ([release = '', revision = '', copied, status = '', description]) => {
      const copyOf = copied && { name: `${release}.v${copied}`, revision: Number(revision) }
      const edit = {
        name: `${release}.v${revision}`,
        ...(copyOf && { copyOf }),
        status,
        ...(description !== undefined && { description }),
      }
      return { kind: 'releaseRecord', edit }
    },
  ],
]
const aboutLine = 0

/** Reads a STEPS.md. Line 0, which tells what the scenario is about, and the closing `done in` are no steps. */
export function parseSteps(name: string, text: string): Scenario {
  const namespace = /^namespace: (\S+)$/m.exec(text)?.[1] ?? 'default'
  const steps = [...text.matchAll(/^(\d+)\. (.*)$/gm)]
    .filter(([, number, line]) => Number(number) !== aboutLine && !line?.startsWith('done in '))
    .map(([, , line = '']) => parseStep(line))
  const tookSeconds = Number(/^\d+\. done in ([\d.]+)s$/m.exec(text)?.[1] ?? 0)
  return { name, namespace, steps, tookMs: tookSeconds * 1_000 }
}

function parseStep(line: string): Step {
  for (const [pattern, toStep] of forms) {
    const match = pattern.exec(line)
    if (match) return toStep(match.slice(1))
  }
  return { kind: 'unsupported', text: line }
}

/** Splits a command as a shell does, with quotes; JSON, which was recorded without its outer quotes, stays as it is. */
function splitWords(text: string): string[] {
  const words = text.match(/\{\S*|(?:[^\s'"]+|'[^']*'|"(?:[^"\\]|\\.)*")+/g) ?? []
  return words.map((word) => {
    if (word.startsWith('{')) return word
    return word.replace(
      /'([^']*)'|"((?:[^"\\]|\\.)*)"/g,
      (_, single?: string, double?: string) => single ?? (double ?? '').replace(/\\(.)/g, '$1'),
    )
  })
}
