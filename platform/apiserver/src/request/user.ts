/** Who makes a request. */
export type User = {
  readonly name: string
  readonly groups: readonly string[]
  readonly uid?: string
  readonly extra?: Readonly<Record<string, readonly string[]>>
}

/** The group that may do everything. */
export const mastersGroup = 'system:masters'

/** An administrator, for use inside of the process. */
export const administrator: User = { name: 'admin', groups: [mastersGroup, 'system:authenticated'] }
