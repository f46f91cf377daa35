import { type FileTree, type MemoryFile, memoryFileTree } from '@sluice/ports'
import { type BuildOptions, build, printResources } from '../src/index.ts'

/** A tree from a text: each file begins with a line `>>> PATH`. */
export function treeOf(text: string): FileTree {
  const files = text
    .split(/^>>> /m)
    .slice(1)
    .map((part): readonly [string, MemoryFile] => {
      const end = part.indexOf('\n')
      return [part.slice(0, end).trim(), part.slice(end + 1)]
    })
  return memoryFileTree(files)
}

/** What a build of `text` prints. */
export function buildText(text: string, path = '.', options: BuildOptions = {}): string {
  return printResources(build(treeOf(text), path, options).resources)
}

export const deployment = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
      - name: web
        image: nginx:1.25
        envFrom:
        - configMapRef:
            name: settings
`
