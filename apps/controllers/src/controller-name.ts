/** The controllers, under the names of Flux's programs and images. */
export const controllerNames = [
  'source-controller',
  'kustomize-controller',
  'helm-controller',
  'image-reflector-controller',
  'image-automation-controller',
  'source-watcher',
] as const

export type ControllerName = (typeof controllerNames)[number]

/**
 * The controllers that words name: `source-controller` or `source`, and `all` for every one. In the order of
 * {@link controllerNames}, each once; nothing where a word names none.
 */
export function controllersNamed(words: readonly string[]): readonly ControllerName[] | undefined {
  const wanted = new Set<ControllerName>()
  for (const word of words) {
    const found = controllerNames.filter((name) => word === 'all' || answersTo(name, word))
    if (found.length === 0) return undefined
    for (const name of found) wanted.add(name)
  }
  return controllerNames.filter((name) => wanted.has(name))
}

function answersTo(name: ControllerName, word: string): boolean {
  return word === name || `${word}-controller` === name
}
