/**
 * Trading: what orders do on this venue, whichever door they came through (REST or WebSocket).
 *
 * A refusal is `{ error }` in Kraken's words. Engine counters (KR-22) are charged here.
 *
 * @module
 */

import { formatDecimal, parseDecimal } from '../../src/engine/decimal.js'
import { lotsOf } from '../../src/engine/instrument.js'
import type { HostCommand, PlaceInput } from '../../src/venue/host-command.js'
import { Buckets } from '../../src/venue/rate-limit.js'
import type { OrderRecord } from '../../src/venue/records.js'
import type { AccountInfo, ReducerTools, VenueReducer } from '../../src/venue/reducer.js'
import type { Pair } from './instruments.js'
import { recordTransfers } from './ledger.js'
import { badField, entryTexts, type KrakenError, texts } from './rejects.js'
import { combined, isError, isPositive, type OrderRequest, type Read } from './request.js'
import {
  type Checked,
  canPay,
  checkDeadline,
  checkMinimums,
  checkOrder,
  checkPrice,
  crosses,
  hasRoom,
  type KrakenState,
  type RuleContext,
} from './rules.js'
import { factsOf, type OrderFacts } from './wire.js'

/** @see https://docs.kraken.com/api/docs/guides/spot-ratelimits : threshold and decay of the engine counter, per pair. */
const ENGINE_COUNTERS = {
  starter: { capacity: 60, refill_per_s: 1 },
  intermediate: { capacity: 125, refill_per_s: 2.34 },
  pro: { capacity: 180, refill_per_s: 3.75 },
} as const

/** What a transaction costs on the engine counter as such, whatever comes of it; an order of a batch half. */
const FIXED_COST = 1
export const BATCH_COST = 0.5

/** What cancelling an order this young (seconds) costs on top. */
const CANCEL_COSTS = [
  [5, 8],
  [10, 6],
  [15, 5],
  [45, 4],
  [90, 2],
  [300, 1],
] as const

/** What amending an order this young (seconds) costs on top. */
const AMEND_COSTS = [
  [5, 3],
  [10, 2],
  [15, 1],
] as const

/** What editing an order this young (seconds) costs on top. */
const EDIT_COSTS = [
  [5, 6],
  [10, 5],
  [15, 4],
  [45, 2],
  [90, 1],
] as const

/** A dead man's switch fires at most a day ahead. */
const CANCEL_AFTER_S_MAX = 86_400

export interface AmendRequest {
  /** New total size, filled part included; decimal text, null: unchanged. */
  readonly order_qty: string | null
  readonly limit_price: string | null
  readonly post_only: boolean
  readonly deadline_us: number | null
}

/** The venue's own state: nonces and dead man's switches. */
export const reducer: VenueReducer<KrakenState> = {
  initial: () => ({
    nonces: new Map(),
    cancelAfter: new Map(),
    transfers: new Map(),
    last_fill_no: 0,
  }),
  react: (state, { events, account_events }) => recordTransfers(state, events, account_events),
  reduce: (state, command, tools) => {
    switch (command.name) {
      case 'nonce': {
        const { key, nonce } = command.data as { readonly key: string; readonly nonce: bigint }
        state.nonces.set(key, nonce)
        return
      }
      case 'replace':
        return replace(command.data as unknown as Replacement, tools)
      case 'cancel-after': {
        const { account_id, at_us } = command.data as {
          readonly account_id: number
          readonly at_us: number | null
        }
        if (at_us === null) state.cancelAfter.delete(account_id)
        else state.cancelAfter.set(account_id, at_us)
        return
      }
      default:
        throw new Error(`kraken has no command ${command.name}`)
    }
  },
  nextWake: ({ cancelAfter }) => {
    let next: number | undefined
    for (const at_us of cancelAfter.values()) if (next === undefined || at_us < next) next = at_us
    return next
  },
  wake: ({ cancelAfter }, { ts_us, run }) => {
    for (const [account_id, at_us] of cancelAfter) {
      if (at_us > ts_us) continue
      cancelAfter.delete(account_id)
      run({ type: 'cancel-all', account_id, instrument: null })
    }
  },
}

interface Replacement {
  readonly order_id: number
  readonly account_id: number
  readonly order: PlaceInput
}

/** Cancels one order and places another as one moment. */
function replace({ order_id, account_id, order }: Replacement, tools: ReducerTools): number | null {
  tools.run({ type: 'cancel', account_id, order_id })
  return tools.place(order)?.order_id ?? null
}

export class Trading {
  readonly #context: RuleContext
  readonly #counters: Buckets | null

  constructor(context: RuleContext) {
    this.#context = context
    const { rate_limits } = context.switches
    this.#counters = rate_limits === 'off' ? null : new Buckets(ENGINE_COUNTERS[rate_limits])
  }

  /** Checks and, unless only validated, places an order. @param cost - On the engine counter. */
  add(
    account: AccountInfo,
    request: OrderRequest,
    cost = FIXED_COST,
  ): Read<{ readonly checked: Checked; readonly order: OrderRecord | null }> {
    const { account_id } = account
    const { host, pairs } = this.#context
    // Charged on receipt, also when the order turns out to be refused.
    const pair = request.validate ? undefined : pairs.named(request.pair)
    if (pair !== undefined && !this.#charge(account_id, pair, cost)) {
      return { error: texts['KR-22'] }
    }
    const checked = checkOrder(this.#context, account_id, request)
    if (isError(checked)) return checked
    if (request.validate) {
      return canPay(this.#context, checked) ? { checked, order: null } : { error: texts['KR-12'] }
    }
    if (sellsMoreThanHeld(this.#context, checked)) return { error: texts['KR-12'] }
    const applied = host.place(checked.input)
    if (applied.order === null) {
      return { error: applied.refusal === null ? texts.busy : entryTexts[applied.refusal.code] }
    }
    return { checked, order: applied.order }
  }

  /** Changes price or size in place. @see https://docs.kraken.com/api/docs/rest-api/amend-order */
  amend(account: AccountInfo, order: OrderRecord, request: AmendRequest): KrakenError | null {
    const { host, pairs } = this.#context
    const pair = pairs.of(order.venue_symbol)
    if (order.status !== 'open' || order.price_ticks === null) return { error: texts['KR-19'] }
    const { account_id } = account
    const now_us = host.now_us()
    if (!this.#charge(account_id, pair, FIXED_COST + costOf(AMEND_COSTS, now_us, order))) {
      return { error: texts['KR-22'] }
    }
    if (request.order_qty === null && request.limit_price === null) {
      return { error: texts['KR-04'] }
    }
    const late = checkDeadline(request.deadline_us, now_us)
    if (late !== null) return late
    const price_ticks =
      request.limit_price === null
        ? order.price_ticks
        : isPositive(request.limit_price)
          ? checkPrice(this.#context, pair, request.limit_price)
          : { error: badField('limit_price') }
    if (typeof price_ticks !== 'number') return price_ticks
    const total = request.order_qty === null ? order.qty_lots : wholeLots(pair, request.order_qty)
    if (total === undefined || total <= order.filled_lots || !hasRoom(this.#context, pair, total)) {
      return { error: badField('order_qty') }
    }
    const size = { qty_lots: total, quote_budget_1e8: null, side: order.side, price_ticks }
    const minimum = checkMinimums(this.#context, pair, size)
    if (minimum !== null) return minimum
    const posts = request.post_only || order.post_only !== 'no'
    if (
      posts &&
      price_ticks !== order.price_ticks &&
      crosses(this.#context, pair, order.side, price_ticks)
    ) {
      return { error: texts['KR-13'] }
    }
    const facts: OrderFacts = { ...factsOf(order), amended_us: now_us }
    const applied = host.apply({
      type: 'amend',
      account_id,
      order_id: order.order_id,
      price_ticks,
      remaining_lots: total - order.filled_lots,
      data: { ...facts },
    })
    return applied.refusal === null ? null : { error: entryTexts[applied.refusal.code] }
  }

  /** Cancels an order and places a changed one in its stead, under a new id. */
  edit(
    account: AccountInfo,
    order: OrderRecord,
    change: Pick<OrderRequest, 'validate' | 'deadline_us' | 'userref'> & {
      readonly volume: string | null
      readonly price: string | null
      readonly post: boolean | null
    },
  ): Read<{ readonly checked: Checked; readonly order: OrderRecord | null }> {
    const { host, pairs } = this.#context
    if (order.status !== 'open' || order.price_ticks === null) return { error: texts['KR-19'] }
    const pair = pairs.of(order.venue_symbol)
    const { account_id } = account
    const cost = FIXED_COST + costOf(EDIT_COSTS, host.now_us(), order)
    if (!change.validate && !this.#charge(account_id, pair, cost)) {
      return { error: texts['KR-22'] }
    }
    const request = combined(editedRequest(pair, order, change))
    if (isError(request)) return request
    const checked = checkOrder(this.#context, account_id, request, order)
    if (isError(checked)) return checked
    if (!canPay(this.#context, checked, order)) return { error: texts['KR-12'] }
    if (request.validate) return { checked, order: null }
    const data = { order_id: order.order_id, account_id, order: checked.input }
    const command = { type: 'venue', name: 'replace', data } as unknown as HostCommand
    const applied = host.apply(command)
    const made = typeof applied.value === 'number' ? host.records.order(applied.value) : undefined
    if (made !== undefined) return { checked, order: made }
    return { error: applied.refusal === null ? texts.busy : entryTexts[applied.refusal.code] }
  }

  /** Cancels one order. */
  cancel(account: AccountInfo, order: OrderRecord | undefined): KrakenError | null {
    if (order === undefined || order.status !== 'open') return { error: texts['KR-19'] }
    const { host } = this.#context
    // Cancelling is never refused for the counter; it is charged all the same.
    this.#counters
      ?.of(`${account.account_id}/${order.venue_symbol}`, host.now_us())
      .charge(costOf(CANCEL_COSTS, host.now_us(), order), host.now_us())
    const applied = host.cancel(order)
    return applied.refusal === null ? null : { error: entryTexts[applied.refusal.code] }
  }

  /** Cancels everything; the answer is how many. */
  cancelAll(account: AccountInfo): number {
    const { host } = this.#context
    const { account_id } = account
    const before = host.records.openCount(account_id)
    host.apply({ type: 'cancel-all', account_id, venue_symbol: null })
    return before - host.records.openCount(account_id)
  }

  /** Dead man's switch; 0 seconds lifts it. Answers when it fires, null when lifted. */
  cancelAllAfter(account: AccountInfo, seconds: number): Read<{ readonly at_us: number | null }> {
    if (!Number.isInteger(seconds) || seconds < 0 || seconds > CANCEL_AFTER_S_MAX) {
      return { error: badField('timeout') }
    }
    const { host } = this.#context
    const at_us = seconds === 0 ? null : host.now_us() + seconds * 1_000_000
    const { account_id } = account
    host.apply({ type: 'venue', name: 'cancel-after', data: { account_id, at_us } })
    return { at_us }
  }

  /** Orders of an account by order id, client id or user reference; open ones only for a reference. */
  named(account: AccountInfo, name: { txid?: string; cl_ord_id?: string }): OrderRecord[] {
    const { records } = this.#context.host
    const { account_id } = account
    const { txid, cl_ord_id } = name
    const one =
      txid !== undefined
        ? records.byText(account_id, txid)
        : cl_ord_id === undefined
          ? undefined
          : records.byClientId(account_id, cl_ord_id)
    if (one !== undefined) return [one]
    if (txid === undefined || !/^-?[1-9]\d{0,9}$/.test(txid)) return []
    const userref = Number(txid)
    return records.openOrders(account_id).filter((order) => factsOf(order).userref === userref)
  }

  #charge(account_id: number, pair: Pair, cost: number): boolean {
    if (this.#counters === null) return true
    const now_us = this.#context.host.now_us()
    return this.#counters.of(`${account_id}/${pair.id}`, now_us).take(cost, now_us)
  }
}

/** A market sell must hold all of its base at entry, however little the book would take. */
function sellsMoreThanHeld({ host }: RuleContext, { pair, input }: Checked): boolean {
  if (input.side !== 'sell' || input.price_ticks !== null) return false
  const { total_1e8, reserved_1e8 } = host.balance(input.account_id, pair.instrument.base)
  return total_1e8 - reserved_1e8 < BigInt(input.qty_lots) * pair.instrument.lot_size_1e8
}

function wholeLots(pair: Pair, text: string): number | undefined {
  const qty_1e8 = parseDecimal(text, 8, 'refuse')
  return qty_1e8 === undefined ? undefined : lotsOf(pair.instrument, qty_1e8)
}

/** The part of a cost that falls with the time since an order was made or amended last. */
function costOf(
  steps: readonly (readonly [seconds: number, cost: number])[],
  now_us: number,
  order: OrderRecord,
): number {
  const age_s = (now_us - (factsOf(order).amended_us ?? order.created_us)) / 1e6
  return steps.find(([seconds]) => age_s < seconds)?.[1] ?? 0
}

function editedRequest(
  pair: Pair,
  order: OrderRecord,
  change: {
    readonly volume: string | null
    readonly price: string | null
    readonly post: boolean | null
    readonly validate: boolean
    readonly deadline_us: number | null
    readonly userref: number
  },
): OrderRequest {
  const facts = factsOf(order)
  const { tick_size_1e9, lot_size_1e8 } = pair.instrument
  return {
    pair: pair.id,
    side: order.side,
    market: false,
    volume: change.volume ?? formatDecimal(BigInt(order.remaining_lots) * lot_size_1e8, 8),
    price: change.price ?? formatDecimal(BigInt(order.price_ticks ?? 0) * tick_size_1e9, 9),
    viqc: false,
    post: change.post ?? order.post_only !== 'no',
    fee_in: order.fee_in,
    oflags: facts.oflags,
    time_in_force: order.time_in_force,
    expire: order.expire_ts_us === null ? null : { at_us: order.expire_ts_us },
    deadline_us: change.deadline_us,
    self_trade: order.self_trade,
    userref: change.userref === 0 ? facts.userref : change.userref,
    cl_ord_id: null,
    validate: change.validate,
  }
}
