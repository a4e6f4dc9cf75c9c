/**
 * Groups: orders that are pulled together once too much of them filled in a rolling 15 seconds.
 *
 * Pure over the state. A group triggers when more than its limit filled (strictly), by hand, or when the
 * limit is lowered below what filled; its resting orders are cancelled and new ones are refused until it
 * is reset.
 *
 * @see https://docs.kalshi.com/getting_started/order_groups
 *
 * @module
 */

import type { AccountId } from '../../src/engine/command.js'
import { idUuid } from '../../src/venue/ids.js'
import type { ReducerTools } from '../../src/venue/reducer.js'
import { type Group, type KalshiState, notice } from './state.js'

export const GROUP_WINDOW_US = 15_000_000
export const GROUP_LIMIT_MAX = 1_000_000
/** Groups of one user. */
export const GROUPS_MAX = 100_000

/** Lots of one contract. */
export const CONTRACT_LOTS = 100

export function createGroup(
  state: KalshiState,
  owner: {
    readonly member: AccountId
    readonly account_id: AccountId
    readonly limit_lots: number
  },
  ts_us: number,
): Group {
  state.groups_made += 1
  const group: Group = {
    group_id: idUuid('kalshi/group', state.groups_made),
    ...owner,
    triggered: false,
    fills: [],
    orders: [],
  }
  state.groups.set(group.group_id, group)
  tell(state, group, 'created', ts_us)
  return group
}

/** Contracts (in lots) filled within the window that ends now. */
export function rollingLots(group: Group, now_us: number): number {
  group.fills = group.fills.filter(({ ts_us }) => ts_us > now_us - GROUP_WINDOW_US)
  return group.fills.reduce((sum, { lots }) => sum + lots, 0)
}

export function countFill(
  state: KalshiState,
  group: Group,
  lots: number,
  tools: ReducerTools,
): void {
  group.fills.push({ ts_us: tools.ts_us, lots })
  if (rollingLots(group, tools.ts_us) > group.limit_lots) trigger(state, group, tools)
}

export function trigger(state: KalshiState, group: Group, tools: ReducerTools): void {
  if (!group.triggered) {
    group.triggered = true
    tell(state, group, 'triggered', tools.ts_us)
  }
  pull(group, tools)
}

export function reset(state: KalshiState, group: Group, tools: ReducerTools): void {
  group.triggered = false
  group.fills = []
  tell(state, group, 'reset', tools.ts_us)
}

export function setLimit(
  state: KalshiState,
  group: Group,
  limit_lots: number,
  tools: ReducerTools,
): void {
  group.limit_lots = limit_lots
  tell(state, group, 'limit_updated', tools.ts_us)
  if (rollingLots(group, tools.ts_us) > limit_lots) trigger(state, group, tools)
}

export function deleteGroup(state: KalshiState, group: Group, tools: ReducerTools): void {
  pull(group, tools)
  state.groups.delete(group.group_id)
  tell(state, group, 'deleted', tools.ts_us)
}

function pull(group: Group, tools: ReducerTools): void {
  for (const order_id of [...group.orders]) {
    const order = tools.order(order_id)
    if (order?.status === 'open') tools.cancel(order)
  }
}

const tell = (state: KalshiState, group: Group, event: string, ts_us: number): void =>
  notice(state, { type: 'group', id: group.group_id, event, ts_us, member: group.member })
