/**
 * Traits: Kraken's wire as an onlooker reads it, for faults and scenarios.
 *
 * Pure look-ups on what is said; nothing here changes the venue.
 *
 * @module
 */

import type { WireAction, WireAnswer, WireChannel, WireTraits } from '../../src/venue/contract.js'
import { type Json, JsonError, JsonNumber, parseJson, stringifyJson } from '../../src/wire/json.js'
import { bookChecksum, type TextLevel } from './book-feed.js'
import { isParams, numberOf } from './commands.js'
import { texts } from './rejects.js'
import type { Tokens } from './tokens.js'

const METHODS: Readonly<Record<string, WireAction>> = {
  AddOrder: 'create-order',
  AddOrderBatch: 'create-order',
  AmendOrder: 'amend-order',
  EditOrder: 'amend-order',
  CancelOrder: 'cancel-order',
  CancelOrderBatch: 'cancel-order',
  CancelAll: 'cancel-order',
  add_order: 'create-order',
  batch_add: 'create-order',
  amend_order: 'amend-order',
  edit_order: 'amend-order',
  cancel_order: 'cancel-order',
  batch_cancel: 'cancel-order',
  cancel_all: 'cancel-order',
  subscribe: 'subscribe',
}

const CHANNELS: Readonly<Record<string, WireChannel>> = {
  book: 'book',
  trade: 'trades',
  executions: 'private',
  balances: 'private',
}

/** `tokens` names the account behind a socket command; `now` is the venue's time as its sockets write it. */
export function traits(tokens: Tokens, now: () => string): WireTraits {
  return {
    request: ({ path, headers }) => {
      const [, kind, method = ''] = /\/0\/(public|private)\/(\w+)$/.exec(path) ?? []
      if (kind !== 'private') return { action: kind ? 'read-public' : 'other', caller: null }
      const key = Object.entries(headers).find(([name]) => name.toLowerCase() === 'api-key')?.[1]
      const action = Object.hasOwn(METHODS, method) ? METHODS[method] : undefined
      return { action: action ?? 'read-private', caller: key ?? null }
    },
    command: (text) => {
      const json = read(text)
      const method = typeof json?.method === 'string' ? json.method : ''
      const action = Object.hasOwn(METHODS, method) ? METHODS[method] : undefined
      const token = isParams(json?.params) ? json.params.token : undefined
      const caller = typeof token === 'string' ? (tokens.use(token)?.key ?? null) : null
      return { action: action ?? 'other', caller }
    },
    channel: (text) => {
      const [, channel] = /^\{"channel":"(\w+)"/.exec(text) ?? []
      if (channel !== undefined) return CHANNELS[channel] ?? 'other'
      return text.startsWith('{"method"') ? 'reply' : 'other'
    },
    throttled: () => refusal(texts['KR-21']),
    unavailable: (why) => refusal(why === 'maintenance' ? texts.unavailable : texts.busy),
    refuse: (command, why) => {
      const { method, req_id } = read(command) ?? {}
      const error =
        why === 'throttled' ? texts['KR-21'] : why === 'overload' ? texts.busy : texts.unavailable
      return stringifyJson({
        ...(method === undefined ? {} : { method }),
        ...(req_id === undefined ? {} : { req_id }),
        success: false,
        error,
        time_in: now(),
        time_out: now(),
      })
    },
    spoil,
  }
}

const refusal = (error: string): WireAnswer => ({
  status: 200,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: JSON.stringify({ error: [error] }),
})

/** A wrong checksum fits every book message; a crossed book needs the whole book, so snapshots only. */
function spoil(text: string, how: 'checksum' | 'crossed'): string | undefined {
  if (!text.startsWith('{"channel":"book"')) return undefined
  const checksum = /"checksum":(\d+)/.exec(text)?.[1]
  if (checksum === undefined) return undefined
  const replaced = (sum: number) => text.replace(`"checksum":${checksum}`, `"checksum":${sum}`)
  if (how === 'checksum') return replaced((Number(checksum) ^ 1) >>> 0)
  const data = read(text)?.data
  const book = Array.isArray(data) && isParams(data[0]) ? data[0] : undefined
  const asks = levelsOf(book?.asks)
  const bids = levelsOf(book?.bids)
  const best = asks[0]
  if (!text.includes('"type":"snapshot"') || best === undefined) return undefined
  // One digit more in front: far above the best ask, with the same digits behind the point.
  const crossing: TextLevel = [`9${best[0]}`, best[1]]
  const sum = bookChecksum({ asks, bids: [crossing, ...bids] })
  const level = `{"price":${crossing[0]},"qty":${crossing[1]}}`
  return replaced(sum).replace('"bids":[', `"bids":[${level}${bids.length > 0 ? ',' : ''}`)
}

function levelsOf(value: Json | undefined): TextLevel[] {
  if (!Array.isArray(value)) return []
  return value.flatMap((level) => {
    const price = isParams(level) ? numberOf(level.price) : undefined
    const qty = isParams(level) ? numberOf(level.qty) : undefined
    return price === undefined || qty === undefined ? [] : [[price, qty] as const]
  })
}

function read(text: string): { readonly [key: string]: Json } | undefined {
  try {
    const json = parseJson(text)
    return isParams(json) && !(json instanceof JsonNumber) ? json : undefined
  } catch (error) {
    if (error instanceof JsonError) return undefined
    throw error
  }
}
