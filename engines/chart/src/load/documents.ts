import { ChartError } from './chart-error.ts'

const separator = '---'

/**
 * The documents of a YAML stream as Kubernetes' reader splits it: at lines that begin with `---`, which may have a comment
 * behind it. Lines end with `\n` afterwards, the last one too. A separator with nothing before it belongs to what follows.
 *
 * Source: behaviour of k8s.io/apimachinery/pkg/util/yaml, YAMLReader (0.37).
 * @throws {ChartError} when something else stands behind `---`
 */
export function splitDocuments(text: string): string[] {
  const documents: string[] = []
  let document = ''
  const lines = text.split(/\r?\n/)
  // What comes after the last line break is a line only if there is something.
  if (lines.at(-1) === '') lines.pop()
  for (const line of lines) {
    if (line.startsWith(separator)) {
      checkSeparator(line.slice(separator.length).trim())
      if (document !== '') {
        documents.push(document)
        document = ''
        continue
      }
    }
    document += `${line}\n`
  }
  if (document !== '') documents.push(document)
  return documents
}

function checkSeparator(behind: string): void {
  if (behind === '' || behind.startsWith('#')) return
  throw new ChartError(
    'CHART_INVALID',
    `error reading yaml document: invalid Yaml document separator: ${behind}`,
  )
}
