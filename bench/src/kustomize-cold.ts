// A process of its own for one build: DIRECTORY PATH. Prints the YAML.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { build, printResources } from '@sluice/kustomize'
import type { FileTree } from '@sluice/ports'

const [directory = '.', path = '.'] = process.argv.slice(2)
const tree: FileTree = {
  stat: (at) => {
    const stats = statSync(join(directory, at), { throwIfNoEntry: false })
    if (!stats) return undefined
    return stats.isDirectory()
      ? { kind: 'directory' }
      : { kind: 'file', executable: false, sizeBytes: stats.size }
  },
  read: (at) => readFileSync(join(directory, at)),
  list: (at) => readdirSync(join(directory, at)).toSorted(),
}
process.stdout.write(printResources(build(tree, path).resources))
