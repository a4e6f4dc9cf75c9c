import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { MarketEvent } from '../../../src/market/hub.js'
import { MarketHub } from '../../../src/market/market-hub.js'
import { openRecording } from '../../../src/market/recorded/recording.js'
import { manualClock } from '../../../src/world/clock.js'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'papervenue-recording-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let files = 0
/** Writes `<unix nanoseconds> <message>` lines, one every 100 ms, and opens them. */
function open(messages: unknown[], gzip = false) {
  files += 1
  const text = messages
    .map(
      (message, index) =>
        `${1_700_000_000_000_000_000n + BigInt(index) * 100_000_000n} ${JSON.stringify(message)}`,
    )
    .join('\n')
  const file = join(folder, `${files}.txt${gzip ? '.gz' : ''}`)
  writeFileSync(file, gzip ? gzipSync(text) : text)
  return openRecording(file)
}

const rest = (lastUpdateId: number) => ({
  lastUpdateId,
  bids: [['100.00', '1.0']],
  asks: [['101.00', '2.0']],
})
const diff = (U: number, u: number, b: string[][] = [], a: string[][] = []) => ({
  stream: 'x@depth@100ms',
  data: { e: 'depthUpdate', E: 1, s: 'BTCUSDT', U, u, b, a },
})
const futuresDiff = (U: number, u: number, pu: number) => ({
  stream: 'x@depth@0ms',
  data: { e: 'depthUpdate', E: 1, s: 'BTCUSDT', U, u, pu, b: [], a: [] },
})

describe('diff depth', () => {
  test('differences before the snapshot are applied after it, old ones not', async () => {
    const recording = await open([
      diff(1, 5, [['99.00', '9.0']]),
      diff(6, 12, [['100.00', '3.0']]),
      rest(10),
      diff(
        13,
        14,
        [],
        [
          ['101.00', '0.0'],
          ['102.50', '1.5'],
        ],
      ),
    ])
    expect(recording.instruments).toMatchObject([
      {
        symbol: 'BTC-USDT',
        venue_symbol: 'BTCUSDT',
        tick_size_1e9: 500_000_000n,
        lot_size_1e8: 50_000_000n,
      },
    ])
    const hub = new MarketHub(manualClock())
    expect(await recording.play(hub.feed('x')).playAll()).toBe(4)
    expect(hub.book('x', 'BTCUSDT')?.depth.bids).toEqual([
      { price_1e9: 100_000_000_000n, qty_1e8: 300_000_000n },
    ])
    expect(hub.book('x', 'BTCUSDT')?.depth.asks).toEqual([
      { price_1e9: 102_500_000_000n, qty_1e8: 150_000_000n },
    ])
  })

  test('a gap fails loudly and names the line', async () => {
    await expect(open([diff(1, 11), rest(10), diff(13, 14)])).rejects.toThrow(
      /line 3: a gap.*13 to 14.*follow 11/,
    )
  })

  test('a snapshot the first difference does not reach fails', async () => {
    await expect(open([diff(1, 5), rest(10), diff(12, 14)])).rejects.toThrow(
      /not the snapshot's 11/,
    )
  })

  test('futures follow by the id of the difference before', async () => {
    await open([futuresDiff(8, 12, 7), rest(10), futuresDiff(20, 22, 12)])
    await expect(open([futuresDiff(8, 12, 7), rest(10), futuresDiff(13, 22, 13)])).rejects.toThrow(
      /gap/,
    )
  })

  test('trades name the taker, and prints of the insurance fund are passed over', async () => {
    const trade = (m: boolean, X?: string) => ({
      stream: 'x@trade',
      data: {
        e: 'trade',
        E: 1,
        T: 2,
        s: 'BTCUSDT',
        p: '100.00',
        q: '0.50',
        m,
        ...(X === undefined ? {} : { X }),
      },
    })
    const recording = await open([
      diff(1, 11),
      rest(10),
      trade(true),
      trade(false),
      trade(false, 'INSURANCE_FUND'),
    ])
    const hub = new MarketHub(manualClock())
    const sides: string[] = []
    hub.subscribe((event: MarketEvent) => {
      if (event.type === 'trade') sides.push(event.taker_side)
    })
    await recording.play(hub.feed('x')).playAll()
    expect(sides).toEqual(['sell', 'buy'])
  })
})

describe('checksums', () => {
  const listed = (checksum: string) => [
    [1, { as: [['101.00', '2.00', '1.0']], bs: [['100.00', '1.00', '1.0']] }, 'book-10', 'XBT/USD'],
    [1, { a: [['101.00', '3.00', '2.0']], c: checksum }, 'book-10', 'XBT/USD'],
  ]

  test('a book that agrees with its checksum plays', async () => {
    const recording = await open(listed(String(crc32('1010030010000100'))), true)
    expect(recording.instruments[0]?.symbol).toBe('BTC-USD')
  })

  test('one that does not fails', async () => {
    await expect(open(listed('7'))).rejects.toThrow(/line 2: the checksum of XBT\/USD is 7/)
  })

  test('pairs of bid and ask are summed where the venue does so', async () => {
    const part = { bids: [['100.0', '1.0']], asks: [['101.0', '2.0']], ts: '5' }
    const message = (checksum: number) => ({
      action: 'snapshot',
      arg: { channel: 'books', instId: 'BTCUSDT' },
      data: [{ ...part, checksum }],
    })
    await open([message(crc32('100.0:1.0:101.0:2.0') | 0)])
    await expect(open([message(1)])).rejects.toThrow(/checksum/)
  })
})

describe('playing', () => {
  const messages = [
    diff(1, 11),
    rest(10),
    diff(12, 13, [['100.00', '7.0']]),
    diff(14, 15, [['100.00', '8.0']]),
  ]

  test('a manual clock is moved to each message', async () => {
    const recording = await open(messages)
    const clock = manualClock(recording.first_ns)
    const hub = new MarketHub(clock)
    const player = recording.play(hub.feed('x'))
    expect(await player.playTo(recording.first_ns + 250_000_000n, clock)).toBe(3)
    expect(hub.book('x', 'BTCUSDT')?.received_ts_ns).toBe(recording.first_ns + 200_000_000n)
    expect(clock.now_ns()).toBe(recording.first_ns + 250_000_000n)
    expect(hub.book('x', 'BTCUSDT')?.depth.bids[0]?.qty_1e8).toBe(700_000_000n)
    player.stop()
  })

  test('a paced play keeps to the clock and tells its end', async () => {
    const recording = await open(messages)
    const clock = manualClock()
    const hub = new MarketHub(clock)
    let over = false
    const play = recording.play(hub.feed('x')).pace({
      clock,
      speed: 2,
      ended: (error) => {
        expect(error).toBeUndefined()
        over = true
      },
    })
    await play.atRest()
    expect(hub.book('x', 'BTCUSDT')).toBeUndefined()
    clock.advance(50)
    await play.atRest()
    expect(hub.book('x', 'BTCUSDT')?.depth.bids[0]?.qty_1e8).toBe(100_000_000n)
    clock.advance(50)
    await play.atRest()
    expect(hub.book('x', 'BTCUSDT')?.depth.bids[0]?.qty_1e8).toBe(700_000_000n)
    expect(over).toBe(false)
    clock.advance(50)
    await play.atRest()
    expect(over).toBe(true)
  })

  test('a play put back plays the same again, and nothing on the way there', async () => {
    const recording = await open(messages, true)
    const hub = new MarketHub(manualClock())
    const heard: string[] = []
    hub.subscribe((event) => heard.push(event.type))
    const player = recording.play(hub.feed('x'))
    await player.step()
    await player.step()
    const there = player.save()
    expect(there.played).toBe(2)
    expect(await player.playAll()).toBe(2)
    const whole = heard.splice(0)
    player.restore(there)
    expect(player.now_ns).toBe(recording.first_ns + 100_000_000n)
    expect(heard).toEqual([])
    expect(await player.playAll()).toBe(2)
    player.restore()
    expect(await player.playAll()).toBe(4)
    expect(heard.slice(-whole.length)).toEqual(whole)
    player.stop()
  })

  test('a paced play put back keeps to the clock it was put back to', async () => {
    const recording = await open(messages)
    const clock = manualClock()
    const hub = new MarketHub(clock)
    const size = () => hub.book('x', 'BTCUSDT')?.depth.bids[0]?.qty_1e8
    const play = recording.play(hub.feed('x')).pace({ clock })
    const pass = async (ms: number) => {
      await play.atRest()
      clock.advance(ms)
      await play.atRest()
    }
    await pass(150)
    const [then, at] = [play.save(), clock.save()]
    for (let round = 0; round < 3; round += 1) {
      await pass(50)
      expect(size()).toBe(700_000_000n)
      await pass(100)
      expect(size()).toBe(800_000_000n)
      clock.load(at)
      play.restore(then)
    }
    await pass(40)
    expect(size()).toBe(800_000_000n)
    play()
    await pass(1_000)
    expect(size()).toBe(800_000_000n)
  })

  test('a stopped play plays nothing more', async () => {
    const recording = await open(messages)
    const hub = new MarketHub(manualClock())
    const player = recording.play(hub.feed('x'))
    await player.step()
    player.stop()
    expect(await player.step()).toBe(false)
  })
})

describe('bad files', () => {
  test('a missing file, an unknown dialect, a torn line and a torn archive say so', async () => {
    await expect(openRecording(join(folder, 'none.gz'))).rejects.toThrow(/none\.gz/)
    await expect(openRecording(join(folder, 'none.txt'))).rejects.toThrow(/none\.txt/)
    await expect(open([{ hello: 1 }])).rejects.toThrow(/no known dialect/)
    const torn = join(folder, 'torn.txt')
    writeFileSync(torn, '1700000000000000000 {"stream":')
    await expect(openRecording(torn)).rejects.toThrow(/line 1 holds no JSON/)
    const archive = join(folder, 'torn.gz')
    writeFileSync(archive, gzipSync('1700000000000000000 {}\n'.repeat(9_000)).subarray(0, 60))
    await expect(openRecording(archive)).rejects.toThrow(/cannot be read beyond line \d+/)
    const words = join(folder, 'words.txt')
    writeFileSync(words, 'not a recording')
    await expect(openRecording(words)).rejects.toThrow(/line 1 is no recorded message/)
  })

  test('a price of too many decimals fails', async () => {
    await expect(open([diff(1, 11, [['0.0000000001', '1.0']]), rest(10)])).rejects.toThrow(
      /at most nine/,
    )
  })
})
