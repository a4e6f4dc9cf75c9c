/**
 * Kraken against what Kraken said: our answers have the recorded shape, and recorded books rebuild to
 * their own checksums in our reader. The recordings are read where they are.
 */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { BookReader } from '../../venues/kraken/book-reader.js'
import { type Answer, krakenLab } from '../support/kraken.js'
import { differences, type Exception, unusedExceptions } from '../support/structure.js'
import { rawMessages } from './raw-books.js'

const data = resolve(import.meta.dirname, '../../../shared/data')
const recordedFile = (path: string): string => {
  const bytes = readFileSync(resolve(data, 'payloads/kraken/recorded', path))
  return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')
}
const frames = (path: string): Answer[] =>
  recordedFile(path)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))

/** Same structure but for the listed exceptions, each of which is really needed. */
function alike(
  ours: unknown,
  recorded: unknown,
  options: { exceptions?: Exception[]; mapsAt?: string[] } = {},
): void {
  expect(differences(ours, recorded, options)).toEqual([])
  expect(unusedExceptions(ours, recorded, options)).toEqual([])
}

/** A market with a book, a trade each way and a client with orders of every fate. */
async function scene() {
  const lab = krakenLab()
  const account = lab.account('recorded')
  lab.sheetBook()
  const limit = { pair: 'XBTUSD', type: 'buy', ordertype: 'limit', volume: '0.1', price: '29000' }
  await lab.call(account, 'AddOrder', { ...limit, price: '30000', volume: '0.2' })
  const open = await lab.call(account, 'AddOrder', { ...limit, oflags: 'post' })
  const gone = await lab.call(account, 'AddOrder', limit)
  await lab.call(account, 'CancelOrder', { txid: gone.result.txid[0] })
  return { lab, account, open: open.result.txid[0], gone: gone.result.txid[0], limit }
}

describe('REST', () => {
  test('AssetPairs', async () => {
    const { lab } = await scene()
    const recorded = JSON.parse(recordedFile('nautilus/http_asset_pairs.json'))
    alike(await lab.public('AssetPairs', { pair: 'XBTUSD' }), recorded, {
      mapsAt: ['$.result'],
      exceptions: [
        { path: '$.result.*.leverage_buy', reason: 'no margin here, so no leverage is offered' },
        { path: '$.result.*.leverage_sell', reason: 'no margin here, so no leverage is offered' },
        { path: '$.result.*.long_position_limit', reason: 'optional; only of margin pairs' },
        { path: '$.result.*.short_position_limit', reason: 'optional; only of margin pairs' },
      ],
    })
  })

  test.each([
    ['Depth', 'nautilus/http_order_book.json', ['$.result'], []],
    ['Time', 'nautilus/http_server_time.json', [], []],
    ['Ticker', 'nautilus/http_ticker.json', ['$.result'], []],
  ] as const)('%s', async (method, path, mapsAt, exceptions) => {
    const { lab } = await scene()
    const ours = await lab.public(method, { pair: 'XBTUSD' })
    alike(ours, JSON.parse(recordedFile(path)), {
      mapsAt: [...mapsAt],
      exceptions: [...exceptions],
    })
  })

  test('Trades', async () => {
    const { lab } = await scene()
    const ours = await lab.public('Trades', { pair: 'XBTUSD' })
    const recorded = JSON.parse(recordedFile('nautilus/http_trades.json.gz'))
    const { last, ...pairs } = ours.result
    const { last: recordedLast, ...recordedPairs } = recorded.result
    alike(pairs, recordedPairs, { mapsAt: ['$'] })
    alike(last, recordedLast)
  })

  test('QueryOrders of a cancelled order', async () => {
    const { lab, account, gone } = await scene()
    const text = recordedFile('jkorf/Endpoints/Spot/Trading/GetOrders2.txt')
    const recorded = JSON.parse(text.slice(text.indexOf('{')))
    alike(await lab.call(account, 'QueryOrders', { txid: gone }), recorded, {
      mapsAt: ['$.result'],
      exceptions: [
        { path: '$.result.*.descr.price', reason: 'a limit price; recorded is a trailing stop' },
        {
          path: '$.result.*.vol',
          reason: 'digits of the pair: BTC has eight, the recorded SUI five',
        },
        { path: '$.result.*.vol_exec', reason: 'digits of the pair' },
        { path: '$.result.*.cost', reason: 'digits of the pair: five for USD costs of BTC' },
        { path: '$.result.*.fee', reason: 'digits of the pair' },
        { path: '$.result.*.price', reason: 'digits of the pair' },
        { path: '$.result.*.stopprice', reason: 'digits of the pair' },
        { path: '$.result.*.limitprice', reason: 'digits of the pair' },
      ],
    })
  })

  test('QueryLedgers, and Ledgers line by line', async () => {
    const { lab, account } = await scene()
    const path = 'payloads/kraken/documented/jkorf/Endpoints/Spot/Account/GetLedgersEntry.txt'
    const text = readFileSync(resolve(data, path), 'utf8')
    const documented = JSON.parse(text.slice(text.indexOf('{')))
    const { ledger } = (await lab.call(account, 'Ledgers', { asset: 'USD' })).result
    const [id = ''] = Object.keys(ledger)
    alike(await lab.call(account, 'QueryLedgers', { id }), documented, { mapsAt: ['$.result'] })
    for (const line of Object.values(ledger)) {
      expect(differences(line, Object.values(documented.result)[0])).toEqual([])
    }
  })

  test('QueryOrders of an open order and AddOrder at market', async () => {
    const { lab, account, open } = await scene()
    const [created, fetched] = frames('ccxt/kraken_rest_a.jsonl').map((one) => one.httpResponse)
    const market = { pair: 'XBTUSD', type: 'buy', ordertype: 'market', volume: '0.1' }
    alike(await lab.call(account, 'AddOrder', market), created)
    const strings = 'the capture turned JSON numbers into strings'
    alike(await lab.call(account, 'QueryOrders', { txid: open }), fetched, {
      mapsAt: ['$.result'],
      exceptions: [
        { path: '$.result.*.userref', reason: strings },
        { path: '$.result.*.opentm', reason: strings },
        { path: '$.result.*.starttm', reason: strings },
        { path: '$.result.*.expiretm', reason: strings },
        { path: '$.result.*.descr.aclass', reason: 'newer captures have it' },
        { path: '$.result.*.descr.price', reason: 'digits of the pair' },
        { path: '$.result.*.cost', reason: 'digits of the pair' },
        { path: '$.result.*.fee', reason: 'digits of the pair' },
        { path: '$.result.*.price', reason: 'digits of the pair' },
        { path: '$.result.*.stopprice', reason: 'digits of the pair' },
        { path: '$.result.*.limitprice', reason: 'digits of the pair' },
        { path: '$.result.*.reason', reason: 'the client library added it to open orders' },
      ],
    })
  })
})

describe('WebSocket', () => {
  const received = (path: string): Answer[] =>
    frames(path)
      .filter(({ direction }) => direction === 'received')
      .map(({ frame }) => frame)

  test('status, subscribe answer, ticker snapshot and update, heartbeat', async () => {
    const { lab, account } = await scene()
    const socket = await lab.socket()
    await socket.ask({
      method: 'subscribe',
      params: { channel: 'ticker', symbol: ['BTC/USD'] },
      req_id: 1,
    })
    lab.clock.advance(1_000)
    await lab.settle()
    const market = { pair: 'XBTUSD', type: 'sell', ordertype: 'market', volume: '0.1' }
    await lab.call(account, 'AddOrder', market)
    await lab.settle()
    const ours = socket.messages()
    const recorded = received('ccxt/kraken_ws_ticker.jsonl')
    expect(ours.map(({ channel, method, type }) => [channel, method, type])).toEqual(
      recorded.map(({ channel, method, type }: Answer) => [channel, method, type]),
    )
    for (const [at, message] of recorded.entries()) alike(ours[at], message)
  })

  test('book snapshot and updates', async () => {
    const { lab } = await scene()
    const socket = await lab.socket()
    const params = { channel: 'book', symbol: ['BTC/USD'], depth: 10 }
    await socket.ask({ method: 'subscribe', params, req_id: 1 })
    lab.book([['30000.0', '0.7']], [['29980.0', '1.0']])
    await lab.settle()
    const [snapshot, update] = socket.messages('book')
    const [recordedSnapshot, recordedUpdate] = received('ccxt/kraken_ws_book_a.jsonl')
    alike(snapshot, recordedSnapshot)
    alike(update, recordedUpdate)
  })
})

describe('book reader', () => {
  test('rebuilds the recorded v2 book to its own checksums', () => {
    const reader = new BookReader({ depth: 10, digits: { price: 1, qty: 8 } })
    const level = ({ price, qty }: Answer) => [String(price), String(qty)] as const
    let checked = 0
    for (const { frame } of frames('ccxt/kraken_ws_book_a.jsonl')) {
      if (frame.channel !== 'book') continue
      const [{ bids, asks, checksum }] = frame.data
      if (frame.type === 'snapshot') reader.reset(bids.map(level), asks.map(level))
      else reader.apply(bids.map(level), asks.map(level))
      expect(reader.checksum()).toBe(checksum)
      checked += 1
    }
    expect(checked).toBe(5)
  })

  test('rebuilds the recorded v1 books of ten pairs to every checksum that was sent', () => {
    const readers = new Map<string, BookReader>()
    let checked = 0
    const file = resolve(data, 'orderbook/kraken/cryptofeed/KRAKEN.ws.50.0.gz')
    for (const [, message] of rawMessages(file)) {
      if (!Array.isArray(message) || !String(message.at(-2)).startsWith('book-')) continue
      const pair = String(message.at(-1))
      const levels = (rows: Answer[] | undefined) =>
        (rows ?? []).map(([price, qty]) => [price, qty] as const)
      let sum: string | undefined
      for (const part of message.slice(1, -2) as Answer[]) {
        if ('as' in part) {
          const reader = new BookReader({ depth: 1_000 })
          reader.reset(levels(part.bs), levels(part.as))
          readers.set(pair, reader)
        } else readers.get(pair)?.apply(levels(part.b), levels(part.a))
        sum = part.c ?? sum
      }
      if (sum === undefined) continue
      expect(String(readers.get(pair)?.checksum())).toBe(sum)
      checked += 1
    }
    expect(checked).toBe(4_269)
  })

  test('knows a wrong book from a right one', () => {
    const reader = new BookReader({ depth: 10 })
    reader.reset([['29990.0', '1.00000000']], [['30000.0', '0.50000000']])
    const right = reader.checksum()
    reader.apply([], [['30000.0', '0.50000001']])
    expect(reader.checksum()).not.toBe(right)
  })
})
