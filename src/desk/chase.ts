/**
 * Chase: the policy that takes what the books give and comes back for the rest.
 *
 * Up to five attempts, evenly over the order's horizon, each routed anew against fresh books; then what is
 * left is given up. Nothing of it ever rests.
 *
 * @module
 */

import type { Order } from '../account/order.js'
import type { AccountName } from '../store/read.js'
import type { Clock } from '../world/world.js'
import type { Accounts } from './accounts.js'
import type { OrderIntent } from './contract.js'
import type { Core } from './core.js'

const ATTEMPTS = 5
const HORIZON_MS = 5000

/** Watches an order whose first attempt was made until it is whole or out of time. */
export function startChase(
  parts: {
    core: Core
    accounts: Accounts
    clock: Clock
    onTrouble: (error: unknown) => void
  },
  name: AccountName,
  order: Order,
  intent: OrderIntent,
): void {
  const { core, accounts, clock, onTrouble } = parts
  const step_ms = (intent.horizon_ms ?? HORIZON_MS) / ATTEMPTS
  let attempts = 1
  const again = (): void => {
    clock.after(step_ms, () => {
      accounts
        .run(name, async ({ account }) => {
          const found = account.orders.get(order.node_order_id)
          if (found?.chasing !== true) return 'over'
          if (attempts === ATTEMPTS) {
            core.stopChasing(account, found)
            return 'over'
          }
          attempts += 1
          // An attempt that is still under way is left to end.
          const sent = found.open > 0 ? undefined : core.chase(account, found, intent)
          if (sent !== undefined && sent.unsent.length > 0) {
            await accounts.durable(account)
            await core.send(sent.unsent)
          }
          return account.orders.get(order.node_order_id)?.chasing === true ? 'on' : 'over'
        })
        .then((state) => {
          if (state === 'on') again()
        }, onTrouble)
    })
  }
  again()
}
