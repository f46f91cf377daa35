/** One place that variables come from: the data of a ConfigMap or Secret, decoded. */
export type VariableSource = Readonly<Record<string, string>>

/**
 * The variables of a Kustomization: of `sources` a later one wins, and `inline` over all. Line breaks are removed, since
 * a value lands in the middle of a line.
 */
export function mergeVariables(
  sources: readonly VariableSource[],
  inline: VariableSource = {},
): ReadonlyMap<string, string> {
  const merged = new Map<string, string>()
  for (const source of [...sources, inline]) {
    for (const [name, value] of Object.entries(source)) merged.set(name, value.replaceAll('\n', ''))
  }
  return merged
}
