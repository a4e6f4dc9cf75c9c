/**
 * Two more clients of Kraken over real sockets: npm `kraken-api`, unmodified but for its address, which
 * posts even its public calls; and a bare reader of the v2 book that verifies every checksum by its own
 * arithmetic from the digits on the wire.
 */
import { createRequire } from 'node:module'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { wallClock } from '../../../src/world/clock.js'
import { seededWorld } from '../../../src/world/seeded.js'
import { krakenMock } from '../../../venues/kraken/index.js'
import { amount, BTC, depth } from '../../support/kraken.js'
import { type ServedVenue, serveVenue } from '../../support/serve-venue.js'

interface KrakenApi {
  // biome-ignore lint/suspicious/noExplicitAny: the package has no types.
  api(method: string, params?: Record<string, unknown>): Promise<any>
}

const KrakenClient: new (key: string, secret: string, options: { url: string }) => KrakenApi =
  createRequire(import.meta.url)('kraken-api')

const world = seededWorld({ seed: 11, clock: wallClock() })
const mock = krakenMock({ world })
let served: ServedVenue
let client: KrakenApi

beforeAll(async () => {
  served = await serveVenue(mock)
  const { account_id, credentials } = mock.admin.openAccount({ label: 'kraken-api' })
  mock.admin.setBalance(account_id, 'USD', amount('1000000'))
  mock.admin.setBalance(account_id, 'BTC', amount('10'))
  mock.admin.setDepth(BTC, {
    asks: depth([['30000.0', '0.5']]),
    bids: depth([['29990.0', '1.0']]),
  })
  const { api_key = '', api_secret = '' } = credentials
  client = new KrakenClient(api_key, api_secret, { url: served.url })
})

afterAll(() => served.close())

describe('kraken-api', () => {
  test('posts its public calls and is answered', async () => {
    const { result } = await client.api('Depth', { pair: 'XBTUSD', count: 5 })
    expect(result.XXBTZUSD.asks[0].slice(0, 2)).toEqual(['30000.00000', '0.500'])
    expect((await client.api('Time')).result.unixtime).toBeGreaterThan(0)
    expect(Object.keys((await client.api('Assets')).result)).toContain('XXBT')
  })

  test('places, reads and cancels an order', async () => {
    const { result } = await client.api('AddOrder', {
      pair: 'XXBTZUSD',
      type: 'buy',
      ordertype: 'limit',
      volume: '0.01',
      price: '29000.0',
    })
    const [txid] = result.txid
    expect(result.descr.order).toBe('buy 0.01000000 XBTUSD @ limit 29000.0')
    expect((await client.api('OpenOrders')).result.open[txid].status).toBe('open')
    expect((await client.api('CancelOrder', { txid })).result.count).toBe(1)
    expect((await client.api('QueryOrders', { txid })).result[txid]).toMatchObject({
      status: 'canceled',
      reason: 'User requested',
    })
  })

  test('gets errors in Kraken’s words, which it strips of their E', async () => {
    await expect(client.api('CancelOrder', { txid: 'OAAAAA-AAAAA-AAAAAA' })).rejects.toThrow(
      /^Order:Unknown order$/,
    )
    await expect(client.api('Ticker', { pair: 'FOOUSD' })).rejects.toThrow(
      /^Query:Unknown asset pair$/,
    )
  })
})

describe('a bare reader of the book', () => {
  test('agrees with five hundred checksums', async () => {
    const socket = new WebSocket(`${served.socketUrl}/v2`)
    const book = { bids: new Map<string, string>(), asks: new Map<string, string>() }
    let checked = 0
    const done = new Promise<void>((resolve, reject) => {
      socket.on('error', reject)
      socket.on('message', (data) => {
        const text = data.toString()
        if (!text.startsWith('{"channel":"book"')) return
        const sum = read(text, book)
        const own = checksum(book)
        if (own !== sum) reject(new Error(`checksum ${own} against ${sum} after ${checked}`))
        checked += 1
        if (checked === 500) resolve()
      })
    })
    await new Promise((resolve) => socket.once('open', resolve))
    const params = { channel: 'book', symbol: ['BTC/USD'], depth: 10 }
    socket.send(JSON.stringify({ method: 'subscribe', params }))
    const random = world.random('levels')
    const side = (from: number, sign: number) =>
      [...new Set(Array.from({ length: 15 }, () => random.int(0, 40)))].map((step) => ({
        price_1e9: BigInt(from + sign * step) * 100_000_000n,
        qty_1e8: BigInt(random.int(1, 200_000_000)),
      }))
    const change = () =>
      mock.admin.setDepth(BTC, { bids: side(299_900, -1), asks: side(299_901, 1) })
    const timer = setInterval(() => {
      for (let n = 0; n < 20; n++) change()
    }, 5)
    await done.finally(() => clearInterval(timer))
    socket.close()
    expect(checked).toBeGreaterThanOrEqual(500)
  })
})

/** Takes a message in by its text alone and answers the checksum it carries. */
function read(
  text: string,
  book: { bids: Map<string, string>; asks: Map<string, string> },
): number {
  if (text.includes('"type":"snapshot"')) {
    book.bids.clear()
    book.asks.clear()
  }
  for (const name of ['bids', 'asks'] as const) {
    const list = new RegExp(`"${name}":\\[(.*?)\\]`).exec(text)?.[1] ?? ''
    for (const [, price = '', qty = ''] of list.matchAll(/"price":([\d.]+),"qty":([\d.]+)/g)) {
      if (Number(qty) === 0) book[name].delete(price)
      else book[name].set(price, qty)
    }
    const best = sorted(book, name)
    for (const [price] of best.slice(10)) book[name].delete(price)
  }
  return Number(/"checksum":(\d+)/.exec(text)?.[1])
}

function sorted(
  book: { bids: Map<string, string>; asks: Map<string, string> },
  name: 'bids' | 'asks',
): [string, string][] {
  const sign = name === 'bids' ? -1 : 1
  return [...book[name]].sort(([a], [b]) => sign * (Number(a) - Number(b)))
}

/** CRC32 bit by bit, with nothing of the product's. */
function checksum(book: { bids: Map<string, string>; asks: Map<string, string> }): number {
  const bare = (digits: string) => digits.replace('.', '').replace(/^0+/, '')
  const levels = [...sorted(book, 'asks').slice(0, 10), ...sorted(book, 'bids').slice(0, 10)]
  const text = levels.map(([price, qty]) => bare(price) + bare(qty)).join('')
  let value = 0xffff_ffff
  for (const byte of Buffer.from(text)) {
    value ^= byte
    for (let bit = 0; bit < 8; bit++) {
      value = value & 1 ? (value >>> 1) ^ 0xedb8_8320 : value >>> 1
    }
  }
  return (value ^ 0xffff_ffff) >>> 0
}
