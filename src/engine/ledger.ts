/**
 * Ledger: who holds how much of each asset. Double entry: money moves between accounts, and appears or
 * leaves only as a transfer.
 *
 * Account 0 is the venue: fees, rounding dust, the pool behind event contracts, what perps owe and
 * are owed, insurance. Everybody else keeps `0 <= reserved <= total`; the venue's total may be
 * negative (rebates, open perp profits).
 *
 * @module
 */

export interface Balance {
  total_1e8: bigint
  reserved_1e8: bigint
}

export class Ledger {
  /** Asset names by number, in order of first use. */
  readonly assets: string[] = []
  /** Transferred in minus out, by asset number: what the totals of all accounts must sum to. */
  readonly external_1e8: bigint[] = []
  readonly #numbers = new Map<string, number>()
  /** By account, then asset number; made on first use, so rows have holes. */
  readonly #balances: Balance[][] = []

  /** Number of an asset; a new name gets the next one. */
  asset(name: string): number {
    const known = this.#numbers.get(name)
    if (known !== undefined) return known
    const number = this.assets.length
    this.assets.push(name)
    this.external_1e8.push(0n)
    this.#numbers.set(name, number)
    return number
  }

  /** Number of an asset already used, or `undefined`. */
  knownAsset(name: string): number | undefined {
    return this.#numbers.get(name)
  }

  /** The live balance object of an account; made with zeros when absent. */
  balance(account: number, asset: number): Balance {
    while (this.#balances.length <= account) this.#balances.push([])
    const row = this.#balances[account] as Balance[]
    const known = row[asset]
    if (known !== undefined) return known
    const made = { total_1e8: 0n, reserved_1e8: 0n }
    row[asset] = made
    return made
  }

  /** The balance of an account if it was ever used. */
  peek(account: number, asset: number): Balance | undefined {
    return this.#balances[account]?.[asset]
  }

  /** Every balance in order of account, then asset. */
  *rows(): Generator<{ account: number; asset: number; balance: Balance }> {
    for (const [account, row] of this.#balances.entries()) {
      for (const [asset, balance] of row.entries()) {
        // A hole reads as undefined.
        if (balance !== undefined) yield { account, asset, balance }
      }
    }
  }

  /** An independent copy. */
  copy(): Ledger {
    const copy = new Ledger()
    for (const name of this.assets) copy.asset(name)
    for (const [asset, external] of this.external_1e8.entries()) copy.external_1e8[asset] = external
    for (const row of this.#balances) {
      copy.#balances.push(row.map(({ total_1e8, reserved_1e8 }) => ({ total_1e8, reserved_1e8 })))
    }
    return copy
  }
}
