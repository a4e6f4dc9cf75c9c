/**
 * A process that trades on a data folder until it is killed: prints the id of every acknowledged order.
 *
 * `tsx test/support/desk-child.ts <folder> <round>`
 */

import { openStore } from '../../src/store/store.js'
import { manualClock } from '../../src/world/clock.js'
import { intent, openDesk, tester } from './desk.js'

const [, , folder = '', round = '0'] = process.argv
const clock = manualClock()
const store = await openStore({ clock, folder })
const test = await openDesk({ store, clock })
test.book('alpha', 'BTC-USD', [[99, 1_000_000]], [[100, 1_000_000]])

let nth = 0
const trade = async (client: number): Promise<void> => {
  for (;;) {
    nth += 1
    const graph_id = `r${round}-c${client}-${nth}`
    const kind = nth % 3
    const given =
      kind === 0
        ? { graph_id, qty: 0.001, price: 98, venue: 'alpha' }
        : { graph_id, qty: 0.001, side: kind === 1 ? ('buy' as const) : ('sell' as const) }
    const answer = await test.desk.submit(tester(`client-${client}`), intent(given))
    const [node] = answer.nodes
    process.stdout.write(`${client} ${node?.node_order_id} ${node?.status}\n`)
  }
}
await Promise.all(Array.from({ length: 8 }, (_, client) => trade(client)))
