import { expect, test } from 'vitest'
import { selectsLabels } from './label-selector.ts'

const labels = { app: 'web', tier: 'a' }

test.each([
  { selector: undefined, selects: true },
  { selector: ' ', selects: true },
  { selector: 'app=web', selects: true },
  { selector: 'app == web, tier != b', selects: true },
  { selector: 'app=api', selects: false },
  { selector: 'tier in (a, b),app', selects: true },
  { selector: 'tier notin (a,b)', selects: false },
  { selector: 'absent notin (a)', selects: true },
  { selector: '!absent', selects: true },
  { selector: '!app', selects: false },
  { selector: 'app=web=x', selects: false },
  { selector: `app=web,${',app=web'.repeat(1_000)}`, selects: false },
])('$selector', ({ selector, selects }) => {
  expect(selectsLabels(selector, labels)).toBe(selects)
})
