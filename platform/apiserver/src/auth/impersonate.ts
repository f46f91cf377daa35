import type { User } from '../request/user.ts'
import type { Authorize } from '../server/dispatch.ts'
import { type Headers } from './authenticate.ts'

/** Reads the `Impersonate-*` headers. */
export function impersonator(_authorize: Authorize): (user: User, headers: Headers) => User {
  return (user, headers) => {
    const name = headers['impersonate-user']
    if (typeof name !== 'string') return user
    const groups = [headers['impersonate-group'] ?? []]
      .flat()
      .flatMap((it) => it.split(',').map((one) => one.trim()))
    return { name, groups: [...groups, 'system:authenticated'] }
  }
}
