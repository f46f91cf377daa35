import type { Condition, KubeObject } from '@sluice/ports'
import type { ToolkitObject } from '@sluice/toolkit'

/** One object of the toolkit in a trace. */
export type TraceSection = {
  readonly object: ToolkitObject
  /** Titles and values between the namespace and the status. */
  readonly lines: readonly (readonly [title: string, value: string])[]
  readonly ready: Condition | undefined
  /** Whether a failure has words of its own. */
  readonly tellsFailure: boolean
}

/** A trace as Flux prints it: values start at one column, which a HelmRelease has nearer than a Kustomization. */
export function formatTrace(object: KubeObject, sections: readonly TraceSection[]): string {
  const width = sections[0]?.object.kind === 'HelmRelease' ? 16 : 17
  const line = (title: string, value: string): string => `${`${title}:`.padEnd(width)}${value}`
  const { name = '', namespace } = object.metadata
  const head = [
    '',
    line('Object', `${object.kind}/${name}`),
    ...(namespace ? [line('Namespace', namespace)] : []),
    line('Status', 'Managed by Flux'),
  ]
  const blocks = sections.flatMap((section) => ['---', ...sectionLines(section, width)])
  return `${[...head, ...blocks].join('\n')}\n`
}

function sectionLines({ object, lines, ready, tellsFailure }: TraceSection, width: number): string[] {
  const own = columnOf(object.kind, width)
  const line = (title: string, value: string): string => `${`${title}:`.padEnd(own)}${value}`
  const { name = '', namespace = '' } = object.metadata
  return [
    line(object.kind, name),
    line('Namespace', namespace),
    ...lines.map(([title, value]) => line(title, value)),
    ...(ready
      ? [line('Status', statusText(ready, tellsFailure)), line('Message', ready.message)]
      : [line('Status', 'Unknown')]),
  ]
}

/** In the trace of a HelmRelease, sources have columns of their own in Flux. */
function columnOf(kind: string, width: number): number {
  if (kind === 'OCIRepository' || kind === 'ExternalArtifact') return 17
  return kind === 'GitRepository' && width === 16 ? 15 : width
}

function statusText({ status, lastTransitionTime }: Condition, tellsFailure: boolean): string {
  const time = lastTransitionTime.replace('T', ' ').replace(/Z$/, ' +0000 UTC')
  return tellsFailure && status === 'False'
    ? `Last reconciliation failed at ${time}`
    : `Last reconciled at ${time}`
}
