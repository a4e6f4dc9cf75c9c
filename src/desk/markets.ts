/**
 * Markets: how event markets end at the desk: resolved for every holder, paid or redeemed.
 *
 * @module
 */

import { legKey } from '../account/row.js'
import type { Instrument } from '../engine/instrument.js'
import { PRICE_SCALE, QTY_SCALE } from '../engine/units.js'
import type { AccountName } from '../store/read.js'
import type { Store } from '../store/store.js'
import type { Venue } from '../venue/contract.js'
import type { Accounts } from './accounts.js'
import { type Desk, DeskError } from './contract.js'
import type { Core } from './core.js'

interface Market {
  readonly instrument: Instrument
  readonly yes_key: string
  readonly no_key: string
  /** Venues that net YES against NO pay by themselves; tokens wait to be redeemed. */
  readonly payout: 'auto' | 'claim'
}

/** @throws DeskError `not-found` when the venue lists no such market. */
function marketOf(core: Core, venue: string, symbol: string): Market {
  const listings: readonly { venue: Venue; instrument: Instrument }[] =
    core.symbols.resolve(symbol)?.listings ?? []
  const listing = listings.find((candidate) => candidate.venue.id === venue)
  if (listing === undefined || listing.instrument.kind !== 'event') {
    throw new DeskError('not-found', `there is no event market ${symbol} on ${venue}`)
  }
  const { instrument } = listing
  return {
    instrument,
    yes_key: legKey(venue, instrument.symbol, 'YES'),
    no_key: legKey(venue, instrument.symbol, 'NO'),
    payout: listing.venue.capabilities.event_netting === 'net' ? 'auto' : 'claim',
  }
}

/**
 * Marks a market's legs for everyone who holds them and ends the orders on it.
 *
 * @returns The market's own symbol.
 */
export async function resolveMarket(
  { core, accounts, store }: { core: Core; accounts: Accounts; store: Store },
  venue: string,
  symbol: string,
  yes_value_1e9: bigint,
): Promise<string> {
  const { instrument, yes_key, no_key, payout } = marketOf(core, venue, symbol)
  if (yes_value_1e9 < 0n || yes_value_1e9 > PRICE_SCALE) {
    throw new DeskError('invalid', 'the value of YES lies between 0 and 1')
  }
  core.settle(venue, instrument.symbol, yes_value_1e9)
  const holders = await accounts.read(() => store.holders([yes_key, no_key]))
  // Accounts in memory may hold what is not durable yet, or have orders on the market only.
  const names = new Map<string, AccountName>()
  for (const name of [...holders, ...accounts.names()]) {
    names.set(`${name.is_sandbox}/${name.client_id}`, name)
  }
  for (const name of names.values()) {
    await accounts.run(name, ({ account }) => {
      const ts_ns = core.now_ns
      const ids = [...account.orders.values()]
        .filter(({ children }) =>
          children.some(
            (child) =>
              child.venue === venue && child.instrument.venue_symbol === instrument.venue_symbol,
          ),
        )
        .map(({ node_order_id }) => node_order_id)
      if (ids.length > 0) {
        const why = { reason: 'EXCHANGE_REJECT', message: 'the market was settled' }
        core.endAll(account, { type: 'end', ts_ns, ids, ...why })
      }
      if (!account.rows.has(yes_key) && !account.rows.has(no_key)) return
      const { quote } = instrument
      const legs = { yes_key, no_key, yes_value_1e9 }
      core.apply(account, { type: 'resolve', ts_ns, venue, ...legs, payout, quote })
    })
  }
  // Last, so that a caller who was not answered can ask again and finds everybody paid once.
  await accounts.read(() => store.resolve({ venue, symbol: instrument.symbol, yes_value_1e9 }))
  return instrument.symbol
}

/** Pays out what a client holds of a resolved market, or tells what the venue paid by itself. */
export async function redeem(
  { core, accounts }: { core: Core; accounts: Accounts },
  name: AccountName,
  venue: string,
  symbol: string,
): ReturnType<Desk['redeem']> {
  const { instrument, yes_key, no_key, payout } = marketOf(core, venue, symbol)
  const slug = instrument.symbol
  const keys = [yes_key, no_key]
  return accounts.run(name, ({ account }) => {
    const rows = keys.flatMap((key) => account.rows.get(key) ?? [])
    if (rows.some(({ lifecycle }) => lifecycle === 'resolved')) {
      const ts_ns = core.now_ns
      const command = { type: 'redeem', ts_ns, venue, keys, quote: instrument.quote } as const
      let redeemed_qty_1e8 = 0n
      let payout_1e8 = 0n
      for (const event of core.apply(account, command)) {
        if (event.type !== 'redeemed') continue
        redeemed_qty_1e8 += event.qty_1e8
        payout_1e8 += event.payout_1e8
      }
      const payout_usd_1e9 = payout_1e8 * 10n
      return { slug, venue, mode: 'relayer_submitted', redeemed_qty_1e8, payout_usd_1e9 }
    }
    const paid = rows.filter(({ lifecycle }) => lifecycle === 'redeemed')
    if (payout === 'auto' && paid.length > 0) {
      let redeemed_qty_1e8 = 0n
      let payout_usd_1e9 = 0n
      for (const { redeemed_1e8, settled_mark_1e9 } of paid) {
        redeemed_qty_1e8 += redeemed_1e8
        payout_usd_1e9 += (redeemed_1e8 * (settled_mark_1e9 ?? 0n)) / QTY_SCALE
      }
      return { slug, venue, mode: 'auto_settled', redeemed_qty_1e8, payout_usd_1e9 }
    }
    if (core.resolution(venue, slug) === undefined && paid.length === 0) {
      throw new DeskError('conflict', `${slug} is not resolved yet`)
    }
    throw new DeskError('not-found', `there is nothing to redeem of ${slug}`)
  })
}
