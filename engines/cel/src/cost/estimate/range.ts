const limit: bigint = 2n ** 64n - 1n
const twoTo64 = 2 ** 64

/** A size or a cost that is known within bounds. Sums and products stop at 2^64 - 1. */
export class Range {
  readonly min: bigint
  readonly max: bigint

  constructor(min: bigint, max: bigint) {
    this.min = min
    this.max = max
  }

  plus(other: Range): Range {
    return new Range(sum(this.min, other.min), sum(this.max, other.max))
  }

  times(other: Range): Range {
    return new Range(product(this.min, other.min), product(this.max, other.max))
  }

  /** Times a factor, rounded up. */
  scaled(factor: number): Range {
    return new Range(scale(this.min, factor), scale(this.max, factor))
  }

  /** The smallest range around both. */
  union(other: Range): Range {
    return new Range(smaller(this.min, other.min), larger(this.max, other.max))
  }
}

export const maxSize: bigint = limit
export const unknownSize: Range = new Range(0n, limit)
export const nothing: Range = fixed(0)
export const one: Range = fixed(1)
/** Around nothing: the start of unions. */
export const inverted: Range = new Range(limit, 0n)

export function fixed(value: number | bigint): Range {
  return new Range(BigInt(value), BigInt(value))
}

export function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}

function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b
}

export function sum(a: bigint, b: bigint): bigint {
  return smaller(a + b, limit)
}

function product(a: bigint, b: bigint): bigint {
  return smaller(a * b, limit)
}

/** With the precision of a float64. */
function scale(value: bigint, factor: number): bigint {
  const scaled = Math.ceil(Number(value) * factor)
  return scaled >= twoTo64 ? limit : BigInt(scaled)
}
