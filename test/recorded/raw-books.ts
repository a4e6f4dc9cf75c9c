/**
 * A second reading of the recordings, as plain as can be and without a line of the player's code: whole
 * books as maps of decimal text, applied message by message. What the tests hold the simulator against.
 */
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'

export type TextBook = { bids: Map<string, string>; asks: Map<string, string> }

/** `[received in nanoseconds, message]` of every line that holds one. */
export function rawMessages(file: string): [bigint, unknown][] {
  const lines = gunzipSync(readFileSync(file)).toString('utf8').split('\n')
  return lines.flatMap((line): [bigint, unknown][] => {
    const nanos = /^(\d{19}) ([[{].*)$/.exec(line)
    if (nanos) return [[BigInt(nanos[1] ?? ''), JSON.parse(nanos[2] ?? '')]]
    const seconds = /^(\d+)\.(\d+): ([[{].*)$/.exec(line)
    if (!seconds) return []
    const fraction = (seconds[2] ?? '').padEnd(9, '0')
    return [[BigInt(`${seconds[1]}${fraction}`), JSON.parse(seconds[3] ?? '')]]
  })
}

type Row = [string, string, ...unknown[]]
type Loose = Record<string, unknown>

const put = (side: Map<string, string>, rows: Row[], trim = (price: string) => price): void => {
  for (const [price, qty] of rows) {
    if (Number(qty) === 0) side.delete(trim(price))
    else side.set(trim(price), qty)
  }
}

/** The books of a file after every message received up to and including a moment. */
export function booksAt(messages: [bigint, unknown][], until_ns: bigint): Map<string, TextBook> {
  const books = new Map<string, TextBook>()
  const fresh = (symbol: string): TextBook => {
    const book = { bids: new Map<string, string>(), asks: new Map<string, string>() }
    books.set(symbol, book)
    return book
  }
  const known = (symbol: string): TextBook => books.get(symbol) ?? fresh(symbol)
  let restId: number | undefined
  const early: Loose[] = []
  const diff = (data: Loose): void => {
    if (restId === undefined || (data.u as number) < restId + ('pu' in data ? 0 : 1)) return
    const book = known(data.s as string)
    put(book.bids, data.b as Row[])
    put(book.asks, data.a as Row[])
  }
  for (const [received_ns, message] of messages) {
    if (received_ns > until_ns) break
    if (Array.isArray(message)) {
      const pair = message.at(-1) as string
      for (const part of message.slice(1, -2) as Loose[]) {
        const book = 'as' in part ? fresh(pair) : known(pair)
        put(book.asks, (part.as ?? part.a ?? []) as Row[])
        put(book.bids, (part.bs ?? part.b ?? []) as Row[])
      }
      trimTo(known(pair), 1000)
      continue
    }
    const fields = message as Loose
    const data = fields.data as Loose
    const arg = fields.arg as Loose | undefined
    if ('lastUpdateId' in fields) {
      restId = fields.lastUpdateId as number
      const book = fresh('BTCUSDT')
      put(book.bids, fields.bids as Row[])
      put(book.asks, fields.asks as Row[])
      for (const waiting of early) diff(waiting)
    } else if (data?.e === 'depthUpdate') {
      if (restId === undefined) early.push(data)
      else diff(data)
    } else if (fields.type === 'snapshot') {
      const book = fresh(fields.product_id as string)
      put(book.bids, fields.bids as Row[])
      put(book.asks, fields.asks as Row[])
    } else if (fields.type === 'l2update') {
      const book = known(fields.product_id as string)
      for (const [side, price, qty] of fields.changes as [string, string, string][]) {
        put(side === 'buy' ? book.bids : book.asks, [[price, qty]])
      }
    } else if (arg?.channel === 'books' && 'action' in fields) {
      const symbol = arg.instId as string
      const book = fields.action === 'snapshot' ? fresh(symbol) : known(symbol)
      for (const part of fields.data as Loose[]) {
        put(book.bids, part.bids as Row[])
        put(book.asks, part.asks as Row[])
      }
    } else if (fields.channel === 'l2Book') {
      const book = fresh(data.coin as string)
      const [bids, asks] = data.levels as { px: string; sz: string }[][]
      put(
        book.bids,
        (bids ?? []).map(({ px, sz }): Row => [px, sz]),
      )
      put(
        book.asks,
        (asks ?? []).map(({ px, sz }): Row => [px, sz]),
      )
    }
  }
  return books
}

function trimTo(book: TextBook, depth: number): void {
  for (const side of ['bids', 'asks'] as const) {
    for (const [price] of best(book, side).slice(depth)) book[side].delete(price)
  }
}

/** Levels best first, still as text. */
export function best(book: TextBook, side: 'bids' | 'asks'): [string, string][] {
  const sign = side === 'bids' ? -1 : 1
  return [...book[side]].sort(([a], [b]) => sign * (Number(a) - Number(b)))
}

/** Decimal text as an integer of so many decimals, by moving the point in the text. */
export function scaled(text: string, decimals: number): bigint {
  const [whole = '0', fraction = ''] = text.split('.')
  return BigInt(whole + fraction.padEnd(decimals, '0').slice(0, decimals))
}

/** What a taker of `qty_1e8` pays: `[price_1e9, qty_1e8]` per level, from the best on. */
export function walk(levels: [string, string][], qty_1e8: bigint): [bigint, bigint][] {
  const fills: [bigint, bigint][] = []
  let left = qty_1e8
  for (const [price, qty] of levels) {
    if (left === 0n) break
    let taken = scaled(qty, 8)
    if (taken > left) taken = left
    fills.push([scaled(price, 9), taken])
    left -= taken
  }
  return fills
}
