import { type FileTree, type Mount, mountTrees } from '@sluice/ports'
import { GitError } from './git-error.ts'
import type { GitFileTree } from './objects/tree.ts'

/** Fetches a commit of another repository. */
export type FetchSubmodule = (url: string, commit: string) => Promise<GitFileTree>

const maxDepth = 10
const maxSubmodules = 500

/**
 * `tree` with the files of its submodules, and theirs. A submodule that `.gitmodules` does not name stays empty.
 *
 * @param parentUrl what relative addresses of submodules are relative to.
 */
export async function mountSubmodules(
  tree: GitFileTree,
  parentUrl: string,
  fetch: FetchSubmodule,
): Promise<FileTree> {
  let count = 0
  return mountAll(tree, parentUrl, 0)

  async function mountAll(parent: GitFileTree, url: string, depth: number): Promise<FileTree> {
    const urls = readGitModules(parent)
    const wanted = urls.size === 0 ? [] : parent.submodules()
    if (wanted.length > 0 && depth >= maxDepth) {
      throw new GitError('GIT_TOO_LARGE', `submodules are more than ${maxDepth} deep`)
    }
    const mounts: Mount[] = []
    for (const { path, commit } of wanted) {
      const address = urls.get(path)
      if (address === undefined) continue
      count += 1
      if (count > maxSubmodules) throw new GitError('GIT_TOO_LARGE', `more than ${maxSubmodules} submodules`)
      const target = resolveUrl(address, url)
      // One after the other: they are mostly of one host, and few.
      const files = await fetch(target, commit)
      mounts.push({ path, tree: await mountAll(files, target, depth + 1) })
    }
    return mountTrees(parent, mounts)
  }
}

/** Addresses by path, out of `.gitmodules`. */
function readGitModules(tree: FileTree): ReadonlyMap<string, string> {
  const entry = tree.stat('.gitmodules')
  if (entry?.kind !== 'file') return new Map()
  const text = new TextDecoder().decode(tree.read('.gitmodules'))
  return new Map(
    text.split(/^\s*\[/m).flatMap((section) => {
      if (!/^submodule\s+"/.test(section)) return []
      const [path, url] = [valueOf(section, 'path'), valueOf(section, 'url')]
      return path === undefined || url === undefined ? [] : [[path, url] as const]
    }),
  )
}

/** Source: git-config(1), "Syntax". */
function valueOf(section: string, key: string): string | undefined {
  const raw = new RegExp(`^\\s*${key}\\s*=[ \\t]*(.*?)[ \\t]*$`, 'im').exec(section)?.[1]
  const quoted = /^"((?:[^"\\]|\\.)*)"/.exec(raw ?? '')?.[1]
  return quoted === undefined ? raw?.replace(/\s*[#;].*$/, '') : quoted.replaceAll(/\\(.)/g, '$1')
}

/** `../lib` beside `https://host/org/app` is `https://host/org/lib`. */
function resolveUrl(address: string, parentUrl: string): string {
  if (!/^\.\.?\//.test(address)) return address
  const parsed = new URL(parentUrl)
  const parts = parsed.pathname.replace(/\/+$/, '').split('/')
  for (const part of address.split('/')) {
    if (part === '..') {
      if (parts.length <= 1) {
        throw new GitError('GIT_INVALID_INPUT', `submodule URL '${address}' leaves its host`)
      }
      parts.pop()
    } else if (part !== '.' && part !== '') {
      parts.push(part)
    }
  }
  const user = parsed.username === '' ? '' : `${parsed.username}@`
  return `${parsed.protocol}//${user}${parsed.host}${parts.join('/')}`
}
