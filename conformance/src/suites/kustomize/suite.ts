import type { Suite } from '../../suite.ts'

export const suite: Suite = { load: () => [] }
