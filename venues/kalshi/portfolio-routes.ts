/**
 * Portfolio routes: balance, positions, orders, fills, settlements, queue positions and subaccounts.
 *
 * @see https://docs.kalshi.com/api-reference/portfolio/get-balance
 *
 * @module
 */

import type { AccountId } from '../../src/engine/command.js'
import type { OrderRecord } from '../../src/venue/records.js'
import {
  type Answer,
  accountOf,
  accountsOf,
  findOrder,
  ok,
  type PrivateCall,
  refused,
  type Venue,
} from './call.js'
import { venueCommand } from './commands.js'
import { decode, page } from './decode.js'
import {
  legacyEventPosition,
  legacyFill,
  legacyOrder,
  legacyPosition,
  legacySettlement,
} from './legacy.js'
import { reject, type WireError } from './rejects.js'
import { SUBACCOUNT_MAX } from './rules.js'
import {
  fillView,
  type Host,
  lots,
  openTickers,
  orderView,
  portfolioValue,
  positionView,
  settlementView,
  statusOf,
} from './views.js'
import {
  cents,
  fp,
  money,
  readFp,
  readMoney,
  type WireEventPosition,
  type WireMarketPosition,
} from './wire.js'

const SECONDS_MAX = 99_999_999_999
const PAGE = { min: 1, max: 1_000 }
const SUBACCOUNT = { min: 0, max: SUBACCOUNT_MAX }

/** Cash of an account as the venue tells it: with what rests (`gross`), or without. */
function cashOf({ host, options }: Venue, account_id: AccountId): bigint {
  const { total_1e8, reserved_1e8 } = host.balance(account_id, 'USD')
  return options.balance === 'gross' ? total_1e8 : total_1e8 - reserved_1e8
}

/** Reads `exchange_index`; false: a shard that does not exist. */
function onShard({ query }: PrivateCall): boolean {
  const index = query.int('exchange_index', { min: -1, max: 1_000 })
  return index === undefined || index <= 0
}

export function balance(call: PrivateCall): Answer | WireError {
  const { venue, caller, query } = call
  const subaccount = query.int('subaccount', SUBACCOUNT) ?? caller.key.subaccount ?? 0
  const here = onShard(call)
  if (query.error !== undefined) return query.error
  const account = accountOf(caller, subaccount)
  if (!account.ok) return refused(account.reject)
  const cash = here ? cashOf(venue, account.account_id) : 0n
  const shown = {
    balance: cents(cash),
    portfolio_value: here ? cents(portfolioValue(venue.host, account.account_id)) : 0,
    updated_ts: Math.floor(venue.host.clock_us() / 1e6),
  }
  if (venue.options.era === 'legacy') return ok(shown)
  return ok({
    ...shown,
    balance_dollars: money(cash, 4),
    balance_breakdown: [{ exchange_index: 0, balance: money(cash, 4) }],
  })
}

export function positions(call: PrivateCall): Answer | WireError {
  const { venue, caller, query } = call
  const { state } = venue.host
  const limit = query.int('limit', PAGE) ?? 100
  const subaccount = query.int('subaccount', SUBACCOUNT) ?? caller.key.subaccount ?? 0
  const ticker = query.text('ticker')
  const event_ticker = query.text('event_ticker')
  const counted = query.list('count_filter')
  const here = onShard(call)
  for (const name of counted) {
    if (name !== 'position' && name !== 'total_traded') {
      query.refuse(`Parameter validation failed: count_filter ${name} is not supported`)
    }
  }
  if (query.error !== undefined) return query.error
  const account = accountOf(caller, subaccount)
  if (!account.ok) return refused(account.reject)
  const eventOf = (name: string) => state.markets.get(name)?.info.event_ticker ?? ''
  const all = (here ? openTickers(state, account.account_id) : [])
    .filter((name) => ticker === undefined || name === ticker)
    .filter((name) => event_ticker === undefined || eventOf(name) === event_ticker)
    .map((name) => positionView(state, account.account_id, name))
    .filter((row) => !counted.includes('position') || readFp(row.position_fp) !== 0n)
    .filter((row) => !counted.includes('total_traded') || readMoney(row.total_traded_dollars) > 0n)
  const shown = page(all, { limit, cursor: query.text('cursor'), keyOf: (row) => row.ticker })
  const events = byEvent(shown.items, eventOf)
  const legacy = venue.options.era === 'legacy'
  return ok({
    cursor: shown.cursor,
    market_positions: legacy
      ? shown.items.map((row) =>
          legacyPosition(row, venue.host.records.openCount(account.account_id, row.ticker)),
        )
      : shown.items,
    event_positions: legacy ? events.map(legacyEventPosition) : events,
  })
}

function byEvent(
  rows: readonly WireMarketPosition[],
  eventOf: (ticker: string) => string,
): WireEventPosition[] {
  const groups = new Map<string, WireMarketPosition[]>()
  for (const row of rows) {
    const event = eventOf(row.ticker)
    groups.set(event, [...(groups.get(event) ?? []), row])
  }
  return [...groups].map(([event_ticker, own]) => {
    const sum = (read: (row: WireMarketPosition) => string) =>
      money(own.reduce((total, row) => total + readMoney(read(row)), 0n))
    const shares = own.reduce((total, { position_fp }) => {
      const held = readFp(position_fp)
      return total + (held < 0n ? -held : held)
    }, 0n)
    return {
      event_ticker,
      total_cost_dollars: sum((row) => row.total_traded_dollars),
      total_cost_shares_fp: fp(shares),
      event_exposure_dollars: sum((row) => row.market_exposure_dollars),
      realized_pnl_dollars: sum((row) => row.realized_pnl_dollars),
      fees_paid_dollars: sum((row) => row.fees_paid_dollars),
    }
  })
}

const STATUSES = ['resting', 'canceled', 'executed'] as const

/** Orders of the accounts, newest first. */
const allOrders = (host: Host, accounts: readonly AccountId[]): OrderRecord[] =>
  accounts
    .flatMap((id) => [...host.records.openOrders(id), ...host.records.doneOrders(id)])
    .sort((a, b) => b.order_id - a.order_id)

export function shownOrder({ host, options }: Venue, order: OrderRecord) {
  const view = orderView(host, order)
  if (options.era !== 'legacy') return view
  return legacyOrder(view, Math.floor((host.exchange.queueAhead(order.order_id) ?? 0) / 100))
}

export function orders(call: PrivateCall): Answer | WireError {
  const { venue, caller, query } = call
  const { host } = venue
  const limit = query.int('limit', PAGE) ?? 100
  const ticker = query.text('ticker')
  const events = query.list('event_ticker')
  const min_ts = query.int('min_ts', { min: 0, max: SECONDS_MAX }) ?? 0
  const max_ts = query.int('max_ts', { min: 0, max: SECONDS_MAX }) ?? SECONDS_MAX
  const wanted = query.oneOf('status', STATUSES)
  const subaccount = query.int('subaccount', SUBACCOUNT)
  const here = onShard(call)
  if (events.length > 10) {
    query.refuse('Parameter validation failed: event_ticker must name at most 10 events')
  }
  if (query.error !== undefined) return query.error
  const all = here ? allOrders(host, accountsOf(caller, subaccount)) : []
  const found = all.filter(
    (order) =>
      (ticker === undefined || order.venue_symbol === ticker) &&
      (events.length === 0 ||
        events.includes(host.state.markets.get(order.venue_symbol)?.info.event_ticker ?? '')) &&
      order.created_us >= min_ts * 1e6 &&
      order.created_us <= max_ts * 1e6 + 999_999 &&
      (wanted === undefined || statusOf(order) === wanted),
  )
  const shown = page(found, { limit, cursor: query.text('cursor'), keyOf: ({ id }) => id })
  return ok({
    orders: shown.items.map((order) => shownOrder(venue, order)),
    cursor: shown.cursor,
  })
}

export function oneOrder({ venue, caller, params }: PrivateCall): Answer | WireError {
  const order = findOrder(venue, caller, params.order_id ?? '')
  if (order === undefined) return refused(reject('not_found'))
  return ok({ order: shownOrder(venue, order) })
}

export function queuePosition({ venue, caller, params }: PrivateCall): Answer | WireError {
  const order = findOrder(venue, caller, params.order_id ?? '')
  const ahead = order && venue.host.exchange.queueAhead(order.order_id)
  if (ahead === undefined) return refused(reject('not_found'))
  return ok({ queue_position_fp: lots(ahead) })
}

export function queuePositions({ venue, caller, query }: PrivateCall): Answer | WireError {
  const { host } = venue
  const tickers = query.list('market_tickers')
  const event_ticker = query.text('event_ticker')
  const subaccount = query.int('subaccount', SUBACCOUNT)
  if (tickers.length === 0 && event_ticker === undefined) {
    query.refuse('Parameter validation failed: market_tickers or event_ticker must be given')
  }
  if (query.error !== undefined) return query.error
  const wanted = (ticker: string) =>
    tickers.includes(ticker) ||
    (event_ticker !== undefined &&
      host.state.markets.get(ticker)?.info.event_ticker === event_ticker)
  return ok({
    queue_positions: accountsOf(caller, subaccount)
      .flatMap((account_id) => host.records.openOrders(account_id))
      .filter(({ venue_symbol }) => wanted(venue_symbol))
      .map(({ id, order_id, venue_symbol }) => ({
        order_id: id,
        market_ticker: venue_symbol,
        queue_position_fp: lots(host.exchange.queueAhead(order_id) ?? 0),
      })),
  })
}

export function fills(call: PrivateCall): Answer | WireError {
  const { venue, caller, query } = call
  const { host } = venue
  const limit = query.int('limit', PAGE) ?? 100
  const ticker = query.text('ticker')
  const order_id = query.text('order_id')
  const min_ts = query.int('min_ts', { min: 0, max: SECONDS_MAX }) ?? 0
  const max_ts = query.int('max_ts', { min: 0, max: SECONDS_MAX }) ?? SECONDS_MAX
  const subaccount = query.int('subaccount', SUBACCOUNT)
  const here = onShard(call)
  if (query.error !== undefined) return query.error
  const all = (here ? accountsOf(caller, subaccount) : [])
    .flatMap((account_id) => host.records.fills(account_id))
    .filter(({ venue_symbol }) => ticker === undefined || venue_symbol === ticker)
    .filter(({ ts_us }) => ts_us >= min_ts * 1e6 && ts_us <= max_ts * 1e6 + 999_999)
    .sort((a, b) => b.fill_no - a.fill_no)
  // A trade whose settlement failed counts no more; asked by its order, which stays filled, it is told.
  const found =
    order_id === undefined
      ? all.filter(({ failed = false }) => !failed)
      : all.filter((fill) => host.records.order(fill.order_id)?.id === order_id)
  const shown = page(found, {
    limit,
    cursor: query.text('cursor'),
    keyOf: ({ fill_no }) => `${fill_no}`,
  })
  const legacy = venue.options.era === 'legacy'
  return ok({
    fills: shown.items.map((fill) => {
      const view = fillView(host, fill)
      return legacy ? legacyFill(view) : view
    }),
    cursor: shown.cursor,
  })
}

export function settlements(call: PrivateCall): Answer | WireError {
  const { venue, caller, query } = call
  const { state } = venue.host
  const limit = query.int('limit', PAGE) ?? 100
  const ticker = query.text('ticker')
  const event_ticker = query.text('event_ticker')
  const min_ts = query.int('min_ts', { min: 0, max: SECONDS_MAX }) ?? 0
  const max_ts = query.int('max_ts', { min: 0, max: SECONDS_MAX }) ?? SECONDS_MAX
  const subaccount = query.int('subaccount', SUBACCOUNT)
  const here = onShard(call)
  if (query.error !== undefined) return query.error
  const all = (here ? accountsOf(caller, subaccount) : [])
    .flatMap((account_id) => state.settlements.get(account_id) ?? [])
    .filter((one) => ticker === undefined || one.ticker === ticker)
    .filter(
      (one) =>
        event_ticker === undefined ||
        state.markets.get(one.ticker)?.info.event_ticker === event_ticker,
    )
    .filter(({ ts_us }) => ts_us >= min_ts * 1e6 && ts_us <= max_ts * 1e6 + 999_999)
    .sort((a, b) => b.settlement_no - a.settlement_no)
  const shown = page(all, {
    limit,
    cursor: query.text('cursor'),
    keyOf: ({ settlement_no }) => `${settlement_no}`,
  })
  return ok({
    settlements: shown.items.map((one) => {
      const view = settlementView(state, one)
      return venue.options.era === 'legacy' ? legacySettlement(view) : view
    }),
    cursor: shown.cursor,
  })
}

/** For members of intermediaries only; everybody here is a direct member. */
export const totalRestingValue = (): WireError => refused(reject('permission_denied'))

/** Money moves in and out by the harness, not by these. */
export function moneyMoves(name: 'deposits' | 'withdrawals') {
  return ({ query }: PrivateCall): Answer | WireError => {
    query.int('limit', { min: 1, max: 500 })
    return query.error ?? ok({ [name]: [], cursor: '' })
  }
}

/** Opens the next subaccount. */
export function createSubaccount({ venue, caller }: PrivateCall): Answer | WireError {
  const { host } = venue
  const number = caller.member.accounts.length
  if (caller.key.subaccount !== null) return refused(reject('permission_denied'))
  if (number > SUBACCOUNT_MAX) return refused(reject('invalid_parameters'))
  const { member_id: member } = caller
  const opened = host.apply({
    type: 'open-account',
    label: `${host.account(member).label}/${number}`,
    credentials: {},
    key: `subaccount/${member}/${number}`,
    // Whether self-trade prevention looks across subaccounts is not verified: each stands alone here.
    stp_group: null,
  })
  if (opened.account_id === null) return refused(reject('internal_error'))
  host.apply(venueCommand({ name: 'subaccount', member, account_id: opened.account_id }))
  return ok({ subaccount_number: number }, 201)
}

export function subaccountBalances({ venue, caller }: PrivateCall): Answer {
  const { state } = venue.host
  return ok({
    subaccount_balances: accountsOf(caller, undefined).map((account_id) => ({
      subaccount_number: state.accounts.get(account_id)?.subaccount ?? 0,
      exchange_index: 0,
      balance: money(cashOf(venue, account_id), 4),
      updated_ts: Math.floor(venue.host.clock_us() / 1e6),
    })),
  })
}

export function transfer(call: PrivateCall): Answer | WireError {
  const { venue, caller } = call
  const body = call.body()
  if (!body.ok) return body.error
  const decoded = decode(body.value, 'ApplySubaccountTransferRequest', {
    client_transfer_id: 'string',
    from_subaccount: 'int',
    to_subaccount: 'int',
    amount_cents: 'int',
  })
  if (!decoded.ok) return decoded.error
  const { from_subaccount, to_subaccount, amount_cents, client_transfer_id } = decoded.value
  if (from_subaccount === undefined || to_subaccount === undefined || amount_cents === undefined) {
    return refused(reject('missing_parameters'))
  }
  if (amount_cents <= 0 || from_subaccount === to_subaccount) {
    return refused(reject('invalid_parameters'))
  }
  for (const number of [from_subaccount, to_subaccount]) {
    const account = accountOf(caller, number)
    if (!account.ok) return refused(account.reject)
  }
  const { value } = venue.host.apply(
    venueCommand({
      name: 'transfer',
      member: caller.member_id,
      from_subaccount,
      to_subaccount,
      amount_1e8: BigInt(amount_cents) * 1_000_000n,
      transfer_id: client_transfer_id ?? '',
    }),
  )
  return value === true ? ok({}) : refused(reject('insufficient_balance'))
}

export function transfers({ venue, caller, query }: PrivateCall): Answer | WireError {
  const limit = query.int('limit', PAGE) ?? 100
  if (query.error !== undefined) return query.error
  const all = [...(venue.host.state.transfers.get(caller.member_id) ?? [])].reverse()
  const shown = page(all, {
    limit,
    cursor: query.text('cursor'),
    keyOf: ({ transfer_id }) => transfer_id,
  })
  return ok({
    transfers: shown.items.map((one) => ({
      transfer_id: one.transfer_id,
      from_subaccount: one.from_subaccount,
      to_subaccount: one.to_subaccount,
      amount_cents: cents(one.amount_1e8),
      created_ts: Math.floor(one.ts_us / 1e6),
      exchange_index: 0,
    })),
    cursor: shown.cursor,
  })
}

export const netting = ({ caller }: PrivateCall): Answer =>
  ok({
    netting_configs: caller.member.accounts.map((_, subaccount_number) => ({
      subaccount_number,
      enabled: caller.member.netting.includes(subaccount_number),
      exchange_index: 0,
    })),
  })

export function setNetting(call: PrivateCall): Answer | WireError {
  const { venue, caller } = call
  const body = call.body()
  if (!body.ok) return body.error
  const decoded = decode(body.value, 'UpdateSubaccountNettingRequest', {
    subaccount_number: 'int',
    enabled: 'bool',
  })
  if (!decoded.ok) return decoded.error
  const { subaccount_number: subaccount, enabled } = decoded.value
  if (subaccount === undefined || enabled === undefined) {
    return refused(reject('missing_parameters'))
  }
  const account = accountOf(caller, subaccount)
  if (!account.ok) return refused(account.reject)
  const { member_id: member } = caller
  venue.host.apply(venueCommand({ name: 'netting', member, subaccount, enabled }))
  return ok({})
}
