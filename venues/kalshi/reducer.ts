/**
 * Reducer: how Kalshi's own state changes, by its commands, by what the matching engine did, and by time.
 *
 * Deterministic: the host replays it from the journal. Market statuses follow the engine's; opening,
 * closing and paying out happen by themselves when their time comes, an explicit activation pulls every
 * resting order, and fills are counted against order groups.
 *
 * @see https://docs.kalshi.com/getting_started/market_lifecycle
 *
 * @module
 */

import type { AccountId, ExchangeEvent, MarketState } from '../../src/engine/command.js'
import { unreachable } from '../../src/engine/unreachable.js'
import { idUuid } from '../../src/venue/ids.js'
import type { AccountEvent } from '../../src/venue/records.js'
import type { ReducerTools, VenueReducer } from '../../src/venue/reducer.js'
import type { VenueCommand } from './commands.js'
import * as groups from './groups.js'
import { eventInfo, type FeeTerms, marketInfo, seriesTickerOf } from './instruments.js'
import { DOLLAR_TICKS } from './price-levels.js'
import type { MarketStatus } from './rules.js'
import {
  eventOf,
  type Group,
  type Held,
  initialState,
  type KalshiState,
  type MarketFacts,
  marketFacts,
  notice,
  orderData,
  seriesOf,
  termsOf,
  within,
} from './state.js'
import { changeFees } from './terms.js'

const SECOND_US = 1_000_000
/** A cancel-all also pulls what comes to rest during this long after it. */
const KILL_US = 60 * SECOND_US
/** One cent, to which scalar payouts are cut. */
const CENT_1E8 = 1_000_000n

export const kalshiReducer: VenueReducer<KalshiState> = {
  initial: initialState,
  reduce: (state, { name, data }, tools) => {
    const value = reduce(state, { name, ...(data as object) } as VenueCommand, tools)
    state.wake_us = nextWake(state)
    return value
  },
  react: (state, { events, account_events }, tools) => {
    settlementsOf(state, events, tools)
    for (const event of events) take(state, event, tools)
    for (const event of account_events) follow(state, event, tools)
    state.wake_us = nextWake(state)
  },
  nextWake: (state) => state.wake_us ?? undefined,
  wake: (state, tools) => {
    const now_s = Math.floor(tools.ts_us / SECOND_US)
    for (const change of state.fee_changes) {
      if (!change.done && change.scheduled_ts <= now_s) changeFees(state, change, tools.ts_us)
    }
    for (const [ticker, facts] of state.markets) {
      const { open_ts, close_ts } = facts.info
      if (facts.status === 'initialized' && open_ts <= now_s && now_s < close_ts) {
        setEngine(ticker, 'open', tools)
      }
      if (isTrading(facts.status) && close_ts <= now_s) setEngine(ticker, 'closed', tools)
      if (facts.fee_waived && (facts.fee_waiver_ts ?? 0) <= now_s) facts.fee_waived = false
      const due_us = payDue_us(facts)
      if (due_us !== null && due_us <= tools.ts_us) {
        tools.run({ type: 'settle', instrument: ticker, payout: 'auto' })
      }
    }
    state.wake_us = nextWake(state, tools.ts_us)
  },
}

/** Before close, and not for good out of trading. */
const isTrading = (status: MarketStatus): boolean =>
  status === 'initialized' || status === 'active' || status === 'inactive'

function payDue_us({ status, determined_us, info }: MarketFacts): number | null {
  if ((status !== 'determined' && status !== 'amended') || determined_us === null) return null
  return determined_us + info.settlement_timer_seconds * SECOND_US
}

/** @param after_us - Moments up to here were dealt with. */
function nextWake(state: KalshiState, after_us = Number.NEGATIVE_INFINITY): number | null {
  let next: number | null = null
  const consider = (at_us: number): void => {
    if (at_us > after_us && (next === null || at_us < next)) next = at_us
  }
  for (const facts of state.markets.values()) {
    if (facts.status === 'initialized') consider(facts.info.open_ts * SECOND_US)
    if (isTrading(facts.status)) consider(facts.info.close_ts * SECOND_US)
    if (facts.fee_waived) consider((facts.fee_waiver_ts ?? 0) * SECOND_US)
    const due_us = payDue_us(facts)
    if (due_us !== null) consider(due_us)
  }
  for (const { done, scheduled_ts } of state.fee_changes) {
    if (!done) consider(scheduled_ts * SECOND_US)
  }
  return next
}

const setEngine = (instrument: string, to: MarketState, tools: ReducerTools): void => {
  tools.run({ type: 'market-state', instrument, state: to, cancel_resting: to === 'closed' })
}

function reduce(state: KalshiState, command: VenueCommand, tools: ReducerTools): unknown {
  switch (command.name) {
    case 'pause': {
      state.venue = command.venue
      if (command.venue !== 'open') pullOnPause(state, tools)
      return undefined
    }
    case 'describe': {
      const facts = marketFacts(state, command.ticker)
      facts.info = { ...facts.info, ...command.info }
      facts.updated_us = tools.ts_us
      notice(state, about(command.ticker, 'metadata_updated', tools))
      bringToTime(command.ticker, facts, tools)
      return undefined
    }
    case 'close-date': {
      const facts = marketFacts(state, command.ticker)
      facts.info = { ...facts.info, close_ts: command.close_ts }
      facts.updated_us = tools.ts_us
      notice(state, about(command.ticker, 'close_date_updated', tools))
      bringToTime(command.ticker, facts, tools)
      return undefined
    }
    case 'stage': {
      const facts = marketFacts(state, command.ticker)
      facts.status = command.stage
      // An amended result starts the timer again; a disputed one holds it.
      if (command.stage === 'amended') facts.determined_us = tools.ts_us
      facts.updated_us = tools.ts_us
      return undefined
    }
    case 'event': {
      const known = eventOf(state, command.event_ticker)
      const info = { ...known.info, ...command.info }
      state.events.set(command.event_ticker, { ...known, info, updated_us: tools.ts_us })
      return undefined
    }
    case 'series':
      state.series.set(command.series_ticker, {
        ...seriesOf(state, command.series_ticker),
        ...command.info,
      })
      return undefined
    case 'fee-change': {
      const { series_ticker, event_ticker, terms, scheduled_ts } = command
      const id = idUuid('kalshi/fee-change', state.fee_changes.length + 1)
      const change = { id, series_ticker, event_ticker, terms, scheduled_ts, done: false }
      state.fee_changes.push(change)
      if (scheduled_ts * SECOND_US <= tools.ts_us) changeFees(state, change, tools.ts_us)
      return id
    }
    case 'fee-waiver': {
      const facts = marketFacts(state, command.ticker)
      facts.fee_waiver_ts = command.until_ts
      facts.fee_waived = (command.until_ts ?? 0) * SECOND_US > tools.ts_us
      return undefined
    }
    case 'key':
      state.keys.set(command.key.key_id, command.key)
      return undefined
    case 'subaccount': {
      const member = state.members.get(command.member)
      if (member === undefined) return undefined
      // The engine account was opened as a member of its own a moment ago.
      state.members.delete(command.account_id)
      const subaccount = member.accounts.push(command.account_id) - 1
      state.accounts.set(command.account_id, { member: command.member, subaccount })
      return subaccount
    }
    case 'transfer':
      return transfer(state, command, tools)
    case 'netting': {
      const member = state.members.get(command.member)
      if (member === undefined) return undefined
      const others = member.netting.filter((number) => number !== command.subaccount)
      member.netting = command.enabled ? [...others, command.subaccount] : others
      return undefined
    }
    case 'cancel-all': {
      const member = state.members.get(command.member)
      if (member === undefined) return undefined
      for (const account_id of member.accounts) {
        const { subaccount } = state.accounts.get(account_id) ?? { subaccount: 0 }
        if (command.subaccount !== null && command.subaccount !== subaccount) continue
        for (const order of tools.openOrders(account_id)) tools.cancel(order)
        member.kill_until_us.set(account_id, tools.ts_us + KILL_US)
      }
      return undefined
    }
    case 'group-create':
      return groups.createGroup(state, command, tools.ts_us).group_id
    case 'group-reset':
      return withGroup(state, command.group_id, (group) => groups.reset(state, group, tools))
    case 'group-trigger':
      return withGroup(state, command.group_id, (group) => groups.trigger(state, group, tools))
    case 'group-delete':
      return withGroup(state, command.group_id, (group) => groups.deleteGroup(state, group, tools))
    case 'group-limit': {
      const { group_id, limit_lots } = command
      return withGroup(state, group_id, (group) => groups.setLimit(state, group, limit_lots, tools))
    }
    default:
      return unreachable(command)
  }
}

function withGroup(state: KalshiState, group_id: string, change: (group: Group) => void): boolean {
  const group = state.groups.get(group_id)
  if (group !== undefined) change(group)
  return group !== undefined
}

const about = (id: string, event: string, { ts_us }: ReducerTools) =>
  ({ type: 'market', id, event, ts_us }) as const

/** Cancels what asked to be cancelled on a pause. */
function pullOnPause(state: KalshiState, tools: ReducerTools): void {
  for (const account_id of state.accounts.keys()) {
    for (const order of tools.openOrders(account_id)) {
      if (orderData(order).cancel_on_pause) tools.cancel(order)
    }
  }
}

/** The status a market's dates ask for now. */
function bringToTime(ticker: string, facts: MarketFacts, tools: ReducerTools): void {
  if (!isTrading(facts.status)) return
  const now_s = Math.floor(tools.ts_us / SECOND_US)
  const { open_ts, close_ts } = facts.info
  if (close_ts <= now_s) setEngine(ticker, 'closed', tools)
  else if (facts.status === 'initialized' && open_ts <= now_s) setEngine(ticker, 'open', tools)
  else if (facts.status === 'active' && open_ts > now_s) setEngine(ticker, 'pending', tools)
}

function transfer(
  state: KalshiState,
  command: Extract<VenueCommand, { name: 'transfer' }>,
  tools: ReducerTools,
): boolean {
  const { member, from_subaccount, to_subaccount, amount_1e8 } = command
  const accounts = state.members.get(member)?.accounts
  const from = accounts?.[from_subaccount]
  const to = accounts?.[to_subaccount]
  if (from === undefined || to === undefined) return false
  const asset = 'USD'
  const out = tools.run({ type: 'transfer', account_id: from, asset, amount_1e8: -amount_1e8 })
  if (out.some(({ type }) => type === 'rejected')) return false
  tools.run({ type: 'transfer', account_id: to, asset, amount_1e8 })
  state.transfers_made += 1
  within(state.transfers, member, () => []).push({
    transfer_id: command.transfer_id || idUuid('kalshi/transfer', state.transfers_made),
    from_subaccount,
    to_subaccount,
    amount_1e8,
    ts_us: tools.ts_us,
  })
  return true
}

/** One event of the engine. */
function take(state: KalshiState, event: ExchangeEvent, tools: ReducerTools): void {
  switch (event.type) {
    case 'listed':
      listed(state, event.instrument, tools)
      return
    case 'account-opened':
      openedMember(state, event.account_id)
      return
    case 'market-state':
      marketState(state, event, tools)
      return
    case 'trade': {
      const facts = marketFacts(state, event.instrument)
      facts.volume_lots += event.qty_lots
      for (const party of [event.maker, event.taker]) {
        if (!state.accounts.has(party.account_id)) continue
        const markets = within(state.traded, party.account_id, () => new Map())
        const traded = within(markets, event.instrument, () => ({
          total_1e8: 0n,
          fees_1e8: 0n,
          volume_lots: 0,
          updated_us: 0,
        }))
        traded.total_1e8 += costOf(event.price_ticks, event.qty_lots, party.side)
        traded.fees_1e8 += party.fee_1e8
        traded.volume_lots += event.qty_lots
        traded.updated_us = event.ts_us
      }
      return
    }
    case 'position': {
      const { account_id, instrument, qty_lots, cost_1e8, realized_1e8 } = event
      const facts = marketFacts(state, instrument)
      const held = within(state.held, instrument, () => new Map<AccountId, Held>())
      const before = held.get(account_id)?.qty_lots ?? 0
      facts.open_interest_lots += Math.max(0, qty_lots) - Math.max(0, before)
      held.set(account_id, { qty_lots, cost_1e8, realized_1e8 })
      return
    }
    case 'determined': {
      const facts = marketFacts(state, event.instrument)
      facts.status = 'determined'
      facts.yes_value_ticks = event.yes_value_ticks
      facts.determined_us = event.ts_us
      facts.updated_us = event.ts_us
      return
    }
    case 'settled': {
      const facts = marketFacts(state, event.instrument)
      facts.status = 'finalized'
      facts.settled_us = event.ts_us
      facts.updated_us = event.ts_us
      facts.open_interest_lots = 0
      return
    }
    default:
      return
  }
}

function listed(state: KalshiState, ticker: string, tools: ReducerTools): void {
  const info = marketInfo(tools.instrument(ticker))
  const { event_ticker } = info
  const facts: MarketFacts = {
    info,
    status: 'initialized',
    market_id: idUuid(`kalshi/market/${ticker}`, 0),
    created_us: tools.ts_us,
    updated_us: tools.ts_us,
    volume_lots: 0,
    open_interest_lots: 0,
    yes_value_ticks: null,
    determined_us: null,
    settled_us: null,
    fee_waiver_ts: null,
    fee_waived: false,
  }
  state.markets.set(ticker, facts)
  const series_ticker = seriesTickerOf(event_ticker)
  if (!state.series.has(series_ticker)) {
    state.series.set(series_ticker, seriesOf(state, series_ticker))
  }
  if (!state.events.has(event_ticker)) {
    state.events.set(event_ticker, {
      info: eventInfo(event_ticker),
      fee_override: null,
      updated_us: tools.ts_us,
    })
  }
  notice(state, about(ticker, 'created', tools))
  bringToTime(ticker, facts, tools)
}

function openedMember(state: KalshiState, account_id: AccountId): void {
  state.members.set(account_id, {
    user_id: idUuid('kalshi/user', account_id),
    accounts: [account_id],
    used_ids: new Map(),
    netting: [],
    kill_until_us: new Map(),
  })
  state.accounts.set(account_id, { member: account_id, subaccount: 0 })
}

const STATUS: Partial<Record<MarketState, MarketStatus>> = {
  pending: 'initialized',
  open: 'active',
  closed: 'closed',
  determined: 'determined',
  settled: 'finalized',
}

function marketState(
  state: KalshiState,
  event: Extract<ExchangeEvent, { type: 'market-state' }>,
  tools: ReducerTools,
): void {
  const facts = marketFacts(state, event.instrument)
  const before = facts.status
  facts.status = STATUS[event.state] ?? 'inactive'
  if (facts.status !== before) facts.updated_us = event.ts_us
  if (facts.status === 'active' && before === 'inactive') {
    const { instrument } = event
    tools.run({ type: 'market-state', instrument, state: 'open', cancel_resting: true })
  }
  // Closed by hand before its time: that is its close time now.
  const now_s = Math.floor(event.ts_us / SECOND_US)
  if (facts.status === 'closed' && facts.info.close_ts > now_s) {
    facts.info = { ...facts.info, close_ts: now_s }
  }
}

/** What an order event means for used client ids, groups and a running cancel-all. */
function follow(state: KalshiState, event: AccountEvent, tools: ReducerTools): void {
  const { order } = event
  const owner = state.accounts.get(order.account_id)
  const member = owner && state.members.get(owner.member)
  if (member === undefined) return
  const { group_id } = orderData(order)
  const group = group_id === null ? undefined : state.groups.get(group_id)
  switch (event.type) {
    case 'accepted':
      if (order.client_order_id !== null) member.used_ids.set(order.client_order_id, true)
      group?.orders.push(order.order_id)
      return
    case 'rested':
      if (tools.ts_us < (member.kill_until_us.get(order.account_id) ?? 0)) tools.cancel(order)
      return
    case 'fill':
      if (group !== undefined) groups.countFill(state, group, event.fill.qty_lots, tools)
      return
    case 'unsettled': {
      const { venue_symbol, price_ticks, qty_lots, side, fee_1e8 } = event.fill
      const traded = state.traded.get(order.account_id)?.get(venue_symbol)
      if (traded === undefined) return
      traded.total_1e8 -= costOf(price_ticks, qty_lots, side)
      traded.fees_1e8 -= fee_1e8
      traded.volume_lots -= qty_lots
      traded.updated_us = event.ts_us
      return
    }
    case 'amended':
      return
    case 'done':
      if (group !== undefined) {
        group.orders = group.orders.filter((order_id) => order_id !== order.order_id)
      }
      return
  }
}

/** Settlement records, from what was held before the engine paid. */
function settlementsOf(
  state: KalshiState,
  events: readonly ExchangeEvent[],
  tools: ReducerTools,
): void {
  for (const event of events) {
    if (event.type !== 'settled') continue
    const { instrument: ticker, yes_value_ticks } = event
    const scalar = yes_value_ticks !== 0 && yes_value_ticks !== DOLLAR_TICKS
    for (const [account_id, held] of state.held.get(ticker) ?? []) {
      if (held.qty_lots === 0 || !state.accounts.has(account_id)) continue
      const value = held.qty_lots > 0 ? yes_value_ticks : DOLLAR_TICKS - yes_value_ticks
      const exact_1e8 = sum_1e8(value, Math.abs(held.qty_lots))
      const dust_1e8 = scalar ? exact_1e8 % CENT_1E8 : 0n
      if (dust_1e8 > 0n) {
        tools.run({ type: 'transfer', account_id, asset: 'USD', amount_1e8: -dust_1e8 })
      }
      const traded = state.traded.get(account_id)?.get(ticker)
      state.settlements_made += 1
      within(state.settlements, account_id, () => []).push({
        settlement_no: state.settlements_made,
        ticker,
        qty_lots: held.qty_lots,
        cost_1e8: held.cost_1e8,
        payout_1e8: exact_1e8 - dust_1e8,
        fees_1e8: (traded?.fees_1e8 ?? 0n) + dust_1e8,
        yes_value_ticks,
        ts_us: event.ts_us,
      })
    }
  }
}

/** Dollars in 1e8 of lots (0.01 contracts) at ticks ($0.0001): exact. */
export const sum_1e8 = (price_ticks: number, qty_lots: number): bigint =>
  BigInt(price_ticks) * BigInt(qty_lots) * 100n

/** What a fill cost its side: a bid pays the price, an ask the rest of the dollar. */
export const costOf = (price_ticks: number, qty_lots: number, side: 'buy' | 'sell'): bigint =>
  sum_1e8(side === 'buy' ? price_ticks : DOLLAR_TICKS - price_ticks, qty_lots)

/** Fee terms of a fill now; null: the market's fees are waived. */
export const chargedTerms = (state: KalshiState, ticker: string): FeeTerms | null =>
  state.markets.get(ticker)?.fee_waived === true ? null : termsOf(state, ticker)
