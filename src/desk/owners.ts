/**
 * Owners: whose account a child order belongs to, for what an edge tells of it.
 *
 * @module
 */

import type { Account } from '../account/account.js'

/** How many ended live children are remembered for events that come late. */
const LEAVING_MAX = 10_000

export class Owners {
  readonly #accounts = new Map<string, Account>()
  /** Ended live children whose owner is still known, oldest first. */
  readonly #leaving = new Set<string>()

  of(child_id: string): Account | undefined {
    return this.#accounts.get(child_id)
  }

  take(child_id: string, account: Account): void {
    this.#accounts.set(child_id, account)
  }

  drop(child_id: string): void {
    this.#accounts.delete(child_id)
  }

  /** A child ended: a paper one is over, a live one may be told of for a while. */
  part(account: Account, child_id: string): void {
    if (account.is_sandbox) {
      this.drop(child_id)
      return
    }
    this.#leaving.add(child_id)
    if (this.#leaving.size <= LEAVING_MAX) return
    for (const oldest of this.#leaving) {
      this.#leaving.delete(oldest)
      this.drop(oldest)
      return
    }
  }
}
