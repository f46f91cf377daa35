import type { ResourceList } from '../resource/resource-list.ts'

/** Changes resources in place, and their list. */
export type Transformer = (resources: ResourceList) => void
