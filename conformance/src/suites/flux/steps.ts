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
  /** A new tag of the image that the scenario is about. */
  | { readonly kind: 'push'; readonly tag: string }
  | { readonly kind: 'record'; readonly name: string }
  | { readonly kind: 'unsupported'; readonly text: string }

export type Scenario = { readonly name: string; readonly namespace: string; readonly steps: readonly Step[] }

const commitPattern =
  /^git commit #\d+ repo=(\S+) branch=(\S+) tag=(\S+) msg='(.*)' -> ([0-9a-f]{40}) \(tree in (\S+)\)$/
const annotatePattern = /^annotate (\S+) (\S+)=<now>(?: \(namespace (\S+)\))?$/
const pushPattern = /^pushed image tag (\S+)$/
const recordPattern = /^recorded expected\/(\S+)$/
const kubectlPattern = /^kubectl (.*?)(?: -> rc=1 (.*))?$/
const aboutLine = 0

/** Reads a STEPS.md. Line 0, which tells what the scenario is about, and the closing `done in` are no steps. */
export function parseSteps(name: string, text: string): Scenario {
  const namespace = /^namespace: (\S+)$/m.exec(text)?.[1] ?? 'default'
  const steps = [...text.matchAll(/^(\d+)\. (.*)$/gm)]
    .filter(([, number, line]) => Number(number) !== aboutLine && !line?.startsWith('done in '))
    .map(([, , line = '']) => parseStep(line))
  return { name, namespace, steps }
}

function parseStep(line: string): Step {
  const commit = commitPattern.exec(line)
  if (commit) {
    const [, repository = '', branch = '', tag = '', message = '', sha = '', tree = ''] = commit
    return { kind: 'commit', repository, branch, tag: tag === 'None' ? undefined : tag, message, sha, tree }
  }
  const annotate = annotatePattern.exec(line)
  if (annotate) {
    const [, object = '', key = '', namespace] = annotate
    return { kind: 'annotate', object, key, namespace }
  }
  const push = pushPattern.exec(line)
  if (push) return { kind: 'push', tag: push[1] ?? '' }
  const record = recordPattern.exec(line)
  if (record) return { kind: 'record', name: record[1] ?? '' }
  const kubectl = kubectlPattern.exec(line)
  if (kubectl) return { kind: 'kubectl', args: splitWords(kubectl[1] ?? ''), expectedError: kubectl[2] }
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
