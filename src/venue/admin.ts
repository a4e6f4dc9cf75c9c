/**
 * Admin: the harness's hand on a mock venue, written once for all venues on top of the host.
 *
 * @module
 */

import { createHash } from 'node:crypto'
import type { Depth, Level } from '../engine/depth.js'
import { type Instrument, lotsOf, priceOf, qtyOf, ticksOf } from '../engine/instrument.js'
import { PRICE_SCALE } from '../engine/units.js'
import type { Credentials, VenueAdmin } from './contract.js'
import { tickLevels, type VenueHost } from './host.js'
import type { TickLevel } from './host-command.js'

/** How a venue makes the credentials of its kind. */
export interface CredentialMaker {
  /**
   * Credentials for the nth account, from secret bytes (32 of them, different for every account).
   * `given` holds what the caller fixed; the rest is made.
   */
  readonly make: (secret: Uint8Array, given: Credentials, n: number) => Credentials
  /** Of the cheapest kind the venue accepts, where that is another one than clients usually bring. */
  readonly cheap?: (secret: Uint8Array) => Credentials
  /** The credential a request names its account by. */
  readonly key: (credentials: Credentials) => string
}

/** The demo account's label: its credentials are the same on every machine, and it is opened only once. */
export const DEMO_LABEL = 'demo'

export function venueAdmin<S>(host: VenueHost<S>, credentials: CredentialMaker): VenueAdmin {
  const instrument = (venue_symbol: string): Instrument => host.instrument(venue_symbol)
  const refused = (applied: ReturnType<VenueHost<S>['apply']>, what: string): void => {
    const { refusal } = applied
    if (refusal === null) return
    throw new RangeError(`${host.id} cannot ${what}: ${refusal.code}`)
  }
  const levels = (venue_symbol: string, side: 'buy' | 'sell'): Level[] => {
    const of = instrument(venue_symbol)
    return host.exchange
      .levels(venue_symbol, side, Number.MAX_SAFE_INTEGER)
      .map(([price_ticks, qty_lots]: TickLevel) => ({
        price_1e9: priceOf(of, price_ticks),
        qty_1e8: qtyOf(of, qty_lots),
      }))
  }

  return {
    openAccount: ({ label, credentials: given, secret: drawn, cheap = false }) => {
      // A label names one account, so that whoever starts again finds its account again.
      const same = host.accounts().find((account) => account.label === label)
      if (given === undefined && same !== undefined) {
        return { account_id: same.account_id, credentials: same.credentials }
      }
      const n = host.accounts().length + 1
      const secret = drawn ?? secretOf(host.id, same === undefined ? label : `${label}/${n}`)
      const made =
        cheap && given === undefined && credentials.cheap !== undefined
          ? credentials.cheap(secret)
          : credentials.make(secret, given ?? {}, n)
      const key = credentials.key(made)
      const known = host.byKey(key)
      if (known !== undefined)
        return { account_id: known.account_id, credentials: known.credentials }
      const command = {
        type: 'open-account',
        label,
        credentials: made,
        key,
        stp_group: null,
      } as const
      const { account_id } = host.apply(command)
      if (account_id === null) throw new Error(`${host.id} opened no account for ${label}`)
      return { account_id, credentials: made }
    },

    setBalance: (account_id, asset, total_1e8) => {
      host.account(account_id)
      const applied = host.apply({ type: 'set-balance', account_id, asset, total_1e8 })
      refused(applied, `set ${asset} of account ${account_id} to ${total_1e8} (1e8)`)
    },

    setPosition: (account_id, venue_symbol, { qty_1e8, entry_price_1e9 }) => {
      host.account(account_id)
      const of = instrument(venue_symbol)
      const what = `set the ${venue_symbol} position of account ${account_id}`
      if (of.kind === 'spot') {
        const { base: asset } = of
        const command = { type: 'set-balance', account_id, asset, total_1e8: qty_1e8 } as const
        refused(host.apply(command), what)
        return
      }
      const lots = lotsOf(of, qty_1e8 < 0n ? -qty_1e8 : qty_1e8)
      const entry_ticks = ticksOf(of, entry_price_1e9)
      if (lots === undefined || entry_ticks === undefined) {
        throw new RangeError(
          `${host.id} cannot ${what}: ${qty_1e8} (1e8) at ${entry_price_1e9} (1e9) is off its grid`,
        )
      }
      const qty_lots = qty_1e8 < 0n ? -lots : lots
      const command = {
        type: 'set-position',
        account_id,
        venue_symbol,
        qty_lots,
        entry_ticks,
      } as const
      refused(host.apply(command), what)
    },

    account: (account_id) => {
      host.account(account_id)
      return {
        balances: host.exchange.balances(account_id),
        positions: host.exchange.positions(account_id).map(({ instrument: name, ...held }) => ({
          venue_symbol: name,
          qty_1e8: signedQty(instrument(name), held.qty_lots),
          cost_1e8: held.cost_1e8,
        })),
        open_orders: host.records.openOrders(account_id).flatMap((order) => {
          if (order.price_ticks === null) return []
          const of = instrument(order.venue_symbol)
          return {
            venue_symbol: order.venue_symbol,
            side: order.side,
            price_1e9: priceOf(of, order.price_ticks),
            remaining_1e8: qtyOf(of, order.remaining_lots),
          }
        }),
      }
    },

    list: (listed) => host.list(listed),
    instruments: () => host.instruments(),

    setDepth: (venue_symbol, depth: Depth) => {
      const of = instrument(venue_symbol)
      const bids = tickLevels(of, depth.bids)
      const asks = tickLevels(of, depth.asks)
      host.apply({ type: 'depth', venue_symbol, bids, asks })
    },

    depth: (venue_symbol) => ({
      bids: levels(venue_symbol, 'buy'),
      asks: levels(venue_symbol, 'sell'),
    }),

    print: (venue_symbol, { price_1e9, qty_1e8, taker_side }) => {
      const [level] = tickLevels(instrument(venue_symbol), [{ price_1e9, qty_1e8 }])
      if (level === undefined || level[1] === 0) return
      const [price_ticks, qty_lots] = level
      host.apply({ type: 'print', venue_symbol, price_ticks, qty_lots, taker_side })
    },

    setPriceBands: (venue_symbol, price_bands) => {
      instrument(venue_symbol)
      const command = { type: 'price-grid', instrument: venue_symbol, price_bands } as const
      refused(host.apply({ type: 'engine', command }), `change the grid of ${venue_symbol}`)
    },

    setMarketState: (venue_symbol, state) => {
      instrument(venue_symbol)
      const command = {
        type: 'market-state',
        instrument: venue_symbol,
        state,
        cancel_resting: state === 'closed',
      } as const
      refused(host.apply({ type: 'engine', command }), `put ${venue_symbol} into ${state}`)
    },

    determine: (venue_symbol, yes_value_1e9) => {
      const yes_value_ticks = ticksOf(instrument(venue_symbol), yes_value_1e9)
      if (yes_value_ticks === undefined || yes_value_1e9 > PRICE_SCALE) {
        throw new RangeError(
          `${host.id} cannot determine ${venue_symbol} at ${yes_value_1e9} (1e9): whole ticks from 0 to 1 are expected`,
        )
      }
      const command = { type: 'determine', instrument: venue_symbol, yes_value_ticks } as const
      refused(host.apply({ type: 'engine', command }), `determine ${venue_symbol}`)
    },

    settle: (venue_symbol) => {
      instrument(venue_symbol)
      const command = { type: 'settle', instrument: venue_symbol, payout: 'auto' } as const
      refused(host.apply({ type: 'engine', command }), `settle ${venue_symbol}`)
    },

    image: () => host.image(),
    snapshot: () => host.snapshot(),
    restore: (from) => host.restore(from),
    check: () => host.exchange.check(),
  }
}

/** The well-known secret of a venue's demo account: public on purpose, so never for anything real. */
export function demoSecret(venue_id: string): Uint8Array {
  const text = `papervenue demo account of ${venue_id}`
  return Uint8Array.from({ length: 32 }, (_, i) => text.charCodeAt(i % text.length))
}

/**
 * The secret of a label where none is given. Public like the demo account's, and the same on every machine:
 * whoever opens an account that others must not guess hands a secret in.
 */
function secretOf(venue_id: string, label: string): Uint8Array {
  if (label === DEMO_LABEL) return demoSecret(venue_id)
  const text = `papervenue account ${label} of ${venue_id}`
  return new Uint8Array(createHash('sha256').update(text).digest())
}

function signedQty(of: Instrument, qty_lots: number): bigint {
  return qty_lots < 0 ? -qtyOf(of, -qty_lots) : qtyOf(of, qty_lots)
}
