import { RE2JS } from 're2js'
import { emitRe2 } from './emit-re2.ts'
import { hostPattern } from './host-pattern.ts'
import type { RegexpNode } from './node.ts'

/** Where a match and its groups are: start and end of each, -1 for a group that took no part. In UTF-16 units. */
export type MatchIndexes = readonly number[]

/** Finds the leftmost match at or after `from`. Groups beyond the match itself are asked for by `groups`. */
export interface Matcher {
  find(text: string, from: number, groups: boolean): MatchIndexes | undefined
  test(text: string): boolean
}

/** The fastest matcher that is certain to be linear. */
export function matcherOf(root: RegexpNode, groupCount: number): Matcher {
  const host = hostPattern(root)
  return host ? hostMatcher(host.source, host.flags) : re2Matcher(emitRe2(root), groupCount)
}

function hostMatcher(source: string, flags: string): Matcher {
  const regexp = new RegExp(source, flags)
  let withIndexes: RegExp | undefined
  return {
    find: (text, from, groups) => {
      if (groups) {
        withIndexes ??= new RegExp(source, `${flags}d`)
        withIndexes.lastIndex = from
        return withIndexes.exec(text)?.indices?.flatMap((pair) => pair ?? [-1, -1])
      }
      regexp.lastIndex = from
      const match = regexp.exec(text)
      return match ? [match.index, match.index + match[0].length] : undefined
    },
    test: (text) => {
      regexp.lastIndex = 0
      return regexp.test(text)
    },
  }
}

/** A matcher that is linear for every pattern. */
export function re2Matcher(pattern: string, groupCount: number): Matcher {
  const compiled = RE2JS.compile(pattern)
  let lastText: string | undefined
  const empty = compiled.matcher('')
  let matcher = empty
  return {
    find: (text, from, groups) => {
      if (text !== lastText) {
        matcher = compiled.matcher(text)
        lastText = text
      }
      if (!matcher.find(from)) {
        // The search is over; the text must not be kept.
        lastText = undefined
        matcher = empty
        return undefined
      }
      const indexes = [matcher.start(0), matcher.end(0)]
      const last = groups ? groupCount : 0
      for (let group = 1; group <= last; group += 1) {
        indexes.push(matcher.start(group), matcher.end(group))
      }
      return indexes
    },
    test: (text) => compiled.test(text),
  }
}
