/** Addresses of pods, in `10.244.0.0/16`: for show, nothing listens there. */
export interface AddressPool {
  take(uid: string): string
  free(uid: string): void
  /** Notes an address that was given before. */
  claim(uid: string, address: string): void
}

const first = 2
const size = 65_534

export function addressPool(): AddressPool {
  const byUid = new Map<string, string>()
  const taken = new Set<string>()
  let next = first

  const claim = (uid: string, address: string) => {
    byUid.set(uid, address)
    taken.add(address)
  }
  return {
    claim,
    take: (uid) => {
      const known = byUid.get(uid)
      if (known !== undefined) return known
      // Round the range, so that an address rests before it is given again; past its end they repeat.
      for (let tried = 0; tried < size; tried += 1) {
        const address = `10.244.${next >> 8}.${next & 255}`
        next = next >= size ? first : next + 1
        if (taken.has(address)) continue
        claim(uid, address)
        return address
      }
      return '10.244.255.254'
    },
    free: (uid) => {
      const address = byUid.get(uid)
      if (address === undefined) return
      byUid.delete(uid)
      taken.delete(address)
    },
  }
}
