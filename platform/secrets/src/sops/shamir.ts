import { SopsError } from '../sops-error.ts'

/**
 * Joins shares of a secret that was split over GF(2^8). The last byte of a share is its place.
 *
 * Source: the scheme of HashiCorp Vault's `shamir` package, which SOPS uses.
 */
export function joinShares(shares: readonly Uint8Array[]): Uint8Array {
  const [first] = shares
  const length = first?.length ?? 0
  if (length < 2 || shares.some((share) => share.length !== length)) {
    throw new SopsError('SOPS_MALFORMED', 'shares of the data key differ in length')
  }
  const places = shares.map((share) => share[length - 1] ?? 0)
  if (new Set(places).size !== places.length) {
    throw new SopsError('SOPS_MALFORMED', 'two shares of the data key have the same place')
  }
  return Uint8Array.from({ length: length - 1 }, (_, at) =>
    interpolateAtZero(
      places,
      shares.map((share) => share[at] ?? 0),
    ),
  )
}

/** Lagrange's polynomial through the points, at 0. */
function interpolateAtZero(xs: readonly number[], ys: readonly number[]): number {
  let sum = 0
  for (const [i, x] of xs.entries()) {
    let basis = 1
    for (const [j, other] of xs.entries()) {
      if (i !== j) basis = multiply(basis, divide(other, other ^ x))
    }
    sum ^= multiply(ys[i] ?? 0, basis)
  }
  return sum
}

/** Multiplication modulo the polynomial of AES, without branches on secret bits. */
function multiply(left: number, right: number): number {
  let product = 0
  for (let bit = 7; bit >= 0; bit -= 1) {
    product = (-((right >> bit) & 1) & left) ^ (-(product >> 7) & 0x1b) ^ ((product << 1) & 0xff)
  }
  return product
}

/** The inverse is the 254th power. */
function divide(left: number, right: number): number {
  let inverse = 1
  let square = right
  for (let exponent = 254; exponent > 0; exponent >>= 1) {
    if (exponent & 1) inverse = multiply(inverse, square)
    square = multiply(square, square)
  }
  return multiply(left, inverse)
}
