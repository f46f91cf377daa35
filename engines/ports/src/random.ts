/** A source of randomness. Injected, so that a test or a second rendering pass can repeat it. */
export interface Random {
  /** A number in [0, 1). */
  float(): number
  /** `length` bytes, fit for keys and tokens when the host provides them. */
  bytes(length: number): Uint8Array
}
