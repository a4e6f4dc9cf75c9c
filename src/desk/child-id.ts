/**
 * Child id: the name of a child order, by which edges and venues know it.
 *
 * @module
 */

import { createHash } from 'node:crypto'
import type { Account } from '../account/account.js'

/**
 * Unique over clients, restarts and processes. Live ids are UUIDs, which every venue takes as a client
 * order id; the account's first moment keeps a fresh database from repeating an older one's.
 *
 * @param nth - Of the order on its account, from 1.
 * @param leg - Of the child in its order, from 0.
 * @param epoch - How often memory was thrown away.
 */
export function childId(account: Account, nth: number, leg: number, epoch: number): string {
  if (account.is_sandbox) {
    const again = epoch === 0 ? '' : `~${epoch}`
    return `${account.client_id}/${nth}/${leg + 1}${again}`
  }
  const hash = createHash('sha256')
    .update(`${account.created_ns}/${account.client_id}/${nth}/${leg}/${epoch}`)
    .digest('hex')
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-4${hash.slice(13, 16)}-8${hash.slice(17, 20)}-${hash.slice(20, 32)}`
}
