/**
 * Each law is broken by hand once: the check must see it and name it.
 */
import { expect, test } from 'vitest'
import { collateralOf } from '../../../src/engine/collateral/kinds.js'
import { Core, type Seat } from '../../../src/engine/core.js'
import { LEG_NO, REDUCE_ONLY } from '../../../src/engine/flags.js'
import { BrokenInvariant, check, type Law } from '../../../src/engine/invariants.js'
import { marketOf } from '../../../src/engine/market.js'
import { btcUsd, freeRules, kxTest, USD } from '../../support/engine.js'

const perp = {
  ...btcUsd,
  kind: 'perp',
  venue_symbol: 'PERP',
  quote: 'USDC',
  leverage_max: 10,
} as const

/** One account with orders on a spot, an event and a perp market, and the positions behind them. */
function sound() {
  const core = new Core(freeRules)
  core.openAccount(null)
  const account = core.openAccount(null)
  const other = core.openAccount(null)
  const third = core.openAccount(null)
  const markets = [btcUsd, kxTest, perp].map((instrument) => marketOf(core, instrument))
  for (const asset of core.ledger.assets.keys()) {
    for (const { id } of [account, other, third]) {
      core.ledger.balance(id, asset).total_1e8 = 100n * USD
    }
    core.ledger.external_1e8[asset] = 300n * USD
  }
  const seats = markets.map((market) => core.seat(account, market))
  const opposite = markets.map((market) => core.seat(other, market))
  const [, event] = markets
  if (event !== undefined) hold(seats[1], opposite[1], 50)
  hold(seats[2], opposite[2], 50)
  // The venue took the other side of one long, at a cost below zero.
  const [, , market] = markets
  if (market !== undefined) {
    const [long, short] = [third, core.accounts[0] ?? third].map((one) => core.seat(one, market))
    hold(long, short, 7)
    market.position_lots = 114
    if (short !== undefined) short.cost_1e8 = -100n
  }
  if (event !== undefined) {
    event.pool_1e8 = event.money.qty_1e8(50)
    core.venue(event.quote, event.pool_1e8)
    core.ledger.external_1e8[event.quote] = 300n * USD + event.pool_1e8
  }
  let id = 0
  const rest = (seat: Seat | undefined, side: 0 | 1, price: number, flags = 0) => {
    if (seat === undefined) throw new Error('no seat')
    id += 1
    const slot = seat.market.book.rest(side, price, id, seat.number, 10, flags)
    core.slots.add(id, slot)
    core.link(seat, slot)
    collateralOf(seat.market).reserve(core, seat, slot, null)
    return slot
  }
  const slots = [
    rest(seats[0], 0, 30),
    rest(seats[1], 1, 60),
    rest(seats[2], 0, 40),
    rest(seats[2], 1, 90, REDUCE_ONLY),
    rest(seats[0], 0, 20),
    rest(seats[0], 1, 50),
    rest(seats[0], 1, 60),
  ]
  return { core, account, seats, opposite, slots, markets, rest }
}

function hold(long: Seat | undefined, short: Seat | undefined, lots: number): void {
  if (long === undefined || short === undefined) throw new Error('no seat')
  long.position_lots = lots
  short.position_lots = -lots
  long.market.position_lots = 2 * lots
  long.cost_1e8 = short.cost_1e8 = 100n
}

type Sound = ReturnType<typeof sound>
const pick = <T>(list: readonly T[], at: number): T => {
  const found = list[at]
  if (found === undefined) throw new Error(`nothing at ${at}`)
  return found
}

const breaches: [Law, string, (state: Sound) => void, RegExp?][] = [
  [
    'book-never-crossed',
    'a bid above the ask',
    ({ core, markets, seats }) => {
      const market = pick(markets, 2)
      const slot = market.book.rest(0, 95, 99, pick(seats, 2).number, 1, 0)
      core.slots.add(99, slot)
    },
  ],
  [
    'levels-equal-sums',
    'a level that forgot lots',
    ({ core, slots }) => {
      core.store.setTotal(core.store.level(pick(slots, 0)), 3)
    },
  ],
  [
    'levels-equal-sums',
    'an order without lots',
    ({ core, slots }) => {
      core.store.setRemaining(pick(slots, 0), 0)
    },
  ],
  [
    'levels-equal-sums',
    'a level under another price',
    ({ core, slots }) => {
      core.store.setPrice(core.store.level(pick(slots, 0)), 31)
    },
  ],
  [
    'levels-equal-sums',
    'a tail that is not the last',
    ({ core, slots }) => {
      core.store.setTail(core.store.level(pick(slots, 0)), 7)
    },
  ],
  [
    'levels-equal-sums',
    'a link that does not lead back',
    ({ core, slots }) => {
      core.store.setPrev(pick(slots, 0), 5)
    },
  ],
  [
    'levels-equal-sums',
    'a level of another book',
    ({ core, slots }) => {
      core.store.setHome(core.store.level(pick(slots, 0)), 4)
    },
  ],
  ['orders-indexed', 'an order nobody can name', ({ core }) => core.slots.remove(1)],
  ['orders-indexed', 'an id of nothing', ({ core }) => core.slots.add(77, 60)],
  [
    'orders-indexed',
    'a seat that counts wrongly',
    ({ seats }) => {
      pick(seats, 0).orders += 1
    },
  ],
  [
    'orders-indexed',
    'an order of another market',
    ({ core, seats }) => {
      core.seats[pick(seats, 0).number] = pick(seats, 1)
    },
  ],
  [
    'ledger-conserved',
    'money from nowhere',
    ({ core }) => {
      core.ledger.balance(2, 0).total_1e8 += 1n
    },
  ],
  ['ledger-conserved', 'money from the venue', ({ core }) => core.venue(0, -1n)],
  [
    'reserved-within-total',
    'more reserved than there is',
    ({ core }) => {
      core.ledger.balance(1, 0).total_1e8 = 20n
    },
  ],
  [
    'reserved-equals-holds',
    'a hold nobody reserved',
    ({ core }) => {
      core.ledger.balance(1, 0).reserved_1e8 += 1n
    },
  ],
  [
    'reserved-equals-holds',
    'margin nobody holds',
    ({ account }) => {
      for (const margin of account.margins.values()) margin.held_1e8 += 1n
    },
  ],
  [
    'positions-balance',
    'a long without a short',
    ({ seats, markets }) => {
      pick(seats, 1).position_lots += 1
      pick(markets, 1).position_lots += 1
    },
  ],
  [
    'positions-balance',
    'a position on spot',
    ({ seats, markets }) => {
      pick(seats, 0).position_lots = 1
      pick(markets, 0).position_lots = 1
    },
  ],
  [
    'positions-balance',
    'a sum that is told wrongly',
    ({ markets }) => {
      pick(markets, 2).position_lots += 1
    },
  ],
  [
    'pool-covers-pairs',
    'a pool that is short',
    ({ markets }) => {
      pick(markets, 1).pool_1e8 -= 1n
    },
  ],
  [
    'pool-covers-pairs',
    'clearing that is short',
    ({ markets }) => {
      pick(markets, 2).pool_1e8 -= 1n
    },
  ],
  [
    'cover-within-position',
    'a promise nobody made',
    ({ seats }) => {
      pick(seats, 1).committed_lots += 1
    },
  ],
  [
    'cover-within-position',
    'a promise of more than the order',
    ({ core, slots }) => {
      core.store.setCover(pick(slots, 1), 11)
    },
  ],
  [
    'cover-within-position',
    'a promise of NO that is not held',
    ({ seats }) => {
      pick(seats, 1).no_committed_lots += 1
    },
  ],
  [
    'reduce-only-within-position',
    'an order that would flip',
    ({ core, slots, markets }) => {
      pick(markets, 2).book.shrink(pick(slots, 3), -100)
      core.store.setCover(pick(slots, 3), 0)
    },
  ],
  [
    'margin-holds',
    'a cross position under water',
    ({ markets }) => {
      pick(markets, 2).mark_ticks = 10 ** 13
    },
  ],
  [
    'margin-holds',
    'an isolated position under water',
    ({ seats }) => {
      pick(seats, 2).margin = 'isolated'
    },
  ],
  [
    'book-never-crossed',
    'a bid at the ask',
    ({ rest, seats }) => rest(pick(seats, 0), 0, 50),
    /bid 50, ask 50/,
  ],
  [
    'levels-equal-sums',
    'a bid without lots',
    ({ core, slots }) => core.store.setRemaining(pick(slots, 0), 0),
    /bid 30: order 1 has 0 lots/,
  ],
  [
    'levels-equal-sums',
    'an ask without lots',
    ({ core, slots }) => core.store.setRemaining(pick(slots, 5), 0),
    /ask 50: order 6 has 0 lots/,
  ],
  ...(
    [
      ['bids', 4, 30, 30],
      ['bids', 4, 40, 30],
      ['asks', 6, 50, 50],
      ['asks', 6, 40, 50],
    ] as const
  ).map(([side, at, price, last]): (typeof breaches)[number] => [
    'levels-equal-sums',
    `${side} of which ${price} follows ${last}`,
    ({ core, slots }) => core.store.setPrice(core.store.level(pick(slots, at)), price),
    new RegExp(`${side}: level ${price} follows ${last}`),
  ]),
  [
    'levels-equal-sums',
    'a level with a better one that is none',
    ({ core, slots }) => core.store.setBetter(core.store.level(pick(slots, 4)), -1),
    /bids: level 20 is linked wrongly/,
  ],
  [
    'levels-equal-sums',
    'a level nobody counted',
    ({ core, slots, markets }) => {
      pick(markets, 0).book.bids.insert(1, core.store.level(pick(slots, 4)))
    },
    /bids: 2 levels linked, 3 counted/,
  ],
  [
    'levels-equal-sums',
    'an order in the queue of another price',
    ({ core, slots }) => {
      core.store.setNext(pick(slots, 0), pick(slots, 4))
      core.store.setPrev(pick(slots, 4), pick(slots, 0))
    },
    /bid 30: order 5 is linked wrongly/,
  ],
  [
    'levels-equal-sums',
    'a level that counts an order too many',
    ({ core, slots }) => core.store.setOrders(core.store.level(pick(slots, 0)), 2),
    /10 lots in 1 orders, 10 in 2 told/,
  ],
  [
    'levels-equal-sums',
    'a level without orders',
    ({ core, slots }) => {
      const level = core.store.level(pick(slots, 0))
      core.store.setHead(level, -1)
      core.store.setTail(level, -1)
      core.store.setTotal(level, 0)
      core.store.setOrders(level, 0)
    },
    /bid 30: 0 lots in 0 orders/,
  ],
  [
    'orders-indexed',
    'an order under the name of another',
    ({ core, slots }) => {
      core.slots.remove(1)
      core.slots.add(77, pick(slots, 0))
    },
    /bid 30: order 1 is lost/,
  ],
  [
    'orders-indexed',
    'an order of a seat that is none',
    ({ core }) => core.seats.splice(0),
    /order 1 belongs to no seat here/,
  ],
  [
    'orders-indexed',
    'a record of no order',
    ({ core }) => core.store.takeOrder(99, 1, 0, 0, -1, 0),
    /7 orders rest, 7 are indexed, 8 slots are taken/,
  ],
  [
    'orders-indexed',
    'a seat that counts reduce-only orders wrongly',
    ({ seats }) => {
      pick(seats, 2).reduce_only_orders += 1
    },
  ],
  [
    'orders-indexed',
    'a large hold of an order that is gone',
    ({ core }) => core.bigHolds.set(99, 2n ** 60n),
    /a hold of 1152921504606846976 is kept aside for order 99/,
  ],
  [
    'orders-indexed',
    'a large hold that is none',
    ({ core }) => core.bigHolds.set(1, 2n ** 53n - 1n),
    /a hold of 9007199254740991 is kept aside for order 1/,
  ],
  [
    'orders-indexed',
    'a carry of an order that is gone',
    ({ core }) => core.carries.set(99, 1n),
    /a carry of 1 is kept for order 99/,
  ],
  [
    'orders-indexed',
    'a carry of nothing',
    ({ core }) => core.carries.set(1, 0n),
    /a carry of 0 is kept for order 1/,
  ],
  [
    'positions-balance',
    'a position on spot that is told and even',
    ({ seats, opposite, markets }) => {
      pick(seats, 0).position_lots = 1
      pick(opposite, 0).position_lots = -1
      pick(markets, 0).position_lots = 2
    },
    /XXBTZUSD: 1 lots long, 1 short/,
  ],
  [
    'pool-covers-pairs',
    'a pool behind nothing',
    ({ markets }) => {
      pick(markets, 0).pool_1e8 = 1n
    },
  ],
  ...([-1n, 5n] as const).map((off): (typeof breaches)[number] => [
    'pool-covers-pairs',
    `claims with ${off} behind them, where rounding kept at most 4`,
    ({ markets }) => {
      const market = pick(markets, 1)
      market.claimable = true
      market.yes_value_ticks = 30
      market.pool_1e8 += off
    },
    /behind claims of 50000000/,
  ]),
  [
    'cover-within-position',
    'a promise of more than the order, which is told',
    ({ core, slots, seats }) => {
      core.store.setCover(pick(slots, 1), 11)
      pick(seats, 1).committed_lots = 11
    },
    /order 2 covers 11/,
  ],
  [
    'cover-within-position',
    'a promise of more than is held, which is told',
    ({ seats, opposite, markets }) => {
      hold(pick(seats, 1), pick(opposite, 1), 9)
      const market = pick(markets, 1)
      market.pool_1e8 = market.money.qty_1e8(9)
    },
    /orders cover 10, 10 told, 9 held/,
  ],
  [
    'cover-within-position',
    'a promise of NO that is not held, which is told',
    ({ core, rest, seats }) => {
      const seat = pick(seats, 1)
      core.store.setCover(rest(seat, 1, 61, LEG_NO), 10)
      seat.committed_lots = 10
      seat.no_committed_lots = 10
    },
    /orders cover 10 NO, 10 told, 0 held/,
  ],
  [
    'margin-holds',
    'margin of a position below nothing',
    ({ seats }) => {
      pick(seats, 2).isolated_1e8 = -1n
    },
  ],
]

test('a sound state passes', () => {
  expect(() => check(sound().core)).not.toThrow()
})

test('so does one that was settled, while claims come in and rounding keeps a little', () => {
  const { core, seats, opposite, markets } = sound()
  const [market, yes, no] = [pick(markets, 1), pick(seats, 1), pick(opposite, 1)]
  market.claimable = true
  market.yes_value_ticks = 30
  check(core)
  market.pool_1e8 += 4n
  check(core)
  // 0.30 for each of fifty hundredths of a contract was paid; 0.70 for the other side is still there.
  no.position_lots = 0
  market.position_lots = 50
  market.pool_1e8 -= 35_000_000n + 4n
  check(core)
  expect([yes.position_lots, market.pool_1e8]).toEqual([50, 15_000_000n])
})

test.each(breaches)('%s: %s', (law, _, breach, says) => {
  const state = sound()
  breach(state)
  let caught: unknown
  try {
    check(state.core)
  } catch (error) {
    caught = error
  }
  expect(caught).toBeInstanceOf(BrokenInvariant)
  expect(caught).toMatchObject({ law, message: expect.stringContaining(law) })
  if (says !== undefined) expect(String(caught)).toMatch(says)
})
