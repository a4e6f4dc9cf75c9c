/**
 * Commands: what Kalshi is told beyond the engine's commands, one journal line each.
 *
 * @module
 */

import type { AccountId } from '../../src/engine/command.js'
import type { HostCommand, Plain } from '../../src/venue/host-command.js'
import type { EventInfo, FeeTerms, MarketInfo, SeriesInfo } from './instruments.js'
import type { KeyFacts, VenuePause } from './state.js'

export type VenueCommand =
  | { readonly name: 'pause'; readonly venue: VenuePause }
  | {
      readonly name: 'describe'
      readonly ticker: string
      readonly info: Partial<Omit<MarketInfo, 'ticker' | 'event_ticker'>>
    }
  | { readonly name: 'close-date'; readonly ticker: string; readonly close_ts: number }
  | { readonly name: 'stage'; readonly ticker: string; readonly stage: 'disputed' | 'amended' }
  | {
      readonly name: 'event'
      readonly event_ticker: string
      readonly info: Partial<Omit<EventInfo, 'event_ticker' | 'series_ticker'>>
    }
  | {
      readonly name: 'series'
      readonly series_ticker: string
      readonly info: Partial<Omit<SeriesInfo, 'ticker'>>
    }
  | {
      readonly name: 'fee-change'
      readonly series_ticker: string
      readonly event_ticker: string | null
      readonly terms: FeeTerms | null
      readonly scheduled_ts: number
    }
  | { readonly name: 'fee-waiver'; readonly ticker: string; readonly until_ts: number | null }
  | { readonly name: 'key'; readonly key: KeyFacts }
  | { readonly name: 'subaccount'; readonly member: AccountId; readonly account_id: AccountId }
  | {
      readonly name: 'transfer'
      readonly member: AccountId
      readonly from_subaccount: number
      readonly to_subaccount: number
      readonly amount_1e8: bigint
      readonly transfer_id: string
    }
  | {
      readonly name: 'netting'
      readonly member: AccountId
      readonly subaccount: number
      readonly enabled: boolean
    }
  /** `subaccount` null: all of them. */
  | { readonly name: 'cancel-all'; readonly member: AccountId; readonly subaccount: number | null }
  | {
      readonly name: 'group-create'
      readonly member: AccountId
      readonly account_id: AccountId
      readonly limit_lots: number
    }
  | { readonly name: 'group-reset' | 'group-trigger' | 'group-delete'; readonly group_id: string }
  | { readonly name: 'group-limit'; readonly group_id: string; readonly limit_lots: number }

/** The host's form of a command of ours. */
export function venueCommand(command: VenueCommand): Extract<HostCommand, { type: 'venue' }> {
  const { name, ...data } = command
  return { type: 'venue', name, data: data as unknown as Plain }
}
