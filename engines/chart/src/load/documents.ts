/**
 * The documents of a YAML stream as Kubernetes' readers split it: at lines that begin with `---` and have nothing but
 * blanks behind it.
 */
export function splitDocuments(text: string): string[] {
  const documents: string[] = []
  let lines: string[] = []
  for (const line of text.split('\n')) {
    if (!/^---\s*$/.test(line)) {
      lines.push(line)
      continue
    }
    if (lines.length > 0) documents.push(lines.join('\n'))
    lines = []
  }
  if (lines.some((line) => line !== '')) documents.push(lines.join('\n'))
  return documents
}
