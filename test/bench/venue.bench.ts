/**
 * Venue feed: 200 WebSocket subscribers of one Kraken book at 1,000 book updates a second, over real
 * sockets.
 *
 * Hot path: one command into the exchange, one book message written once, two hundred sends. Realistic
 * because a popular pair moves that often and a desk's bots all follow it. The clients run in a process of
 * their own and read every frame; "lost" is a gap or a repeat in the sequence of checksums the venue sent.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { wallClock } from '../../src/world/clock.js'
import { seededWorld } from '../../src/world/seeded.js'
import { krakenMock } from '../../venues/kraken/index.js'
import { serveVenue } from '../support/serve-venue.js'

const SUBSCRIBERS = 200
const UPDATES_PER_S = 1_000
const SECONDS = 5
/** A machine too busy for the rate stops here and says what it reached. */
const LONGEST_MS = 8_000
/** So many at a time, so that a venue that fell behind still tells the time. */
const BURST_MAX = 100
const BTC = 'XXBTZUSD'

interface Told {
  readonly type: 'ready' | 'done'
  /** Per subscriber: how many updates, and a running hash of their checksums in order. */
  readonly heard?: readonly (readonly [updates: number, hash: number])[]
}

export async function run(print: (line: string) => void): Promise<void> {
  const mock = krakenMock({ world: seededWorld({ seed: 1, clock: wallClock() }) })
  const served = await serveVenue(mock)
  const clients = fork(fileURLToPath(import.meta.url), [served.socketUrl, String(SUBSCRIBERS)], {
    env: { ...process.env, PAPERVENUE_BENCH_CLIENTS: '1' },
  })
  const next = async (type: Told['type']): Promise<Told> => {
    for (;;) {
      const [told] = (await once(clients, 'message')) as [Told]
      if (told.type === type) return told
    }
  }
  await next('ready')

  // What the venue says, heard without a network: the measure of what the sockets must have carried.
  const said: [number, number] = [0, 0]
  const witness = mock.connect(
    { path: '/v2', query: '', headers: {} },
    { send: (text) => hear(said, text), ping: () => undefined, close: () => undefined },
  )
  if ('status' in witness) throw new Error('no socket')
  witness.message(SUBSCRIBE)

  const level = (ticks: number, lots: number) => ({
    price_1e9: BigInt(ticks) * 100_000_000n,
    qty_1e8: BigInt(lots),
  })
  const asks = [level(300_010, 100_000_000)]
  const begun = performance.now()
  const wanted = UPDATES_PER_S * SECONDS
  let made = 0
  let slowest_ms = 0
  while (made < wanted && performance.now() - begun < LONGEST_MS) {
    const due = Math.min(wanted, Math.floor(((performance.now() - begun) / 1_000) * UPDATES_PER_S))
    const from = performance.now()
    for (let burst = 0; made < due && burst < BURST_MAX; made++, burst++) {
      const bids = [level(300_000, 1_000 + made), level(299_990, 100_000_000)]
      mock.admin.setDepth(BTC, { bids, asks })
    }
    slowest_ms = Math.max(slowest_ms, performance.now() - from)
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  const seconds = (performance.now() - begun) / 1_000
  clients.send(said[0])
  const { heard = [] } = await next('done')
  const delivered = (performance.now() - begun) / 1_000
  clients.kill()
  await served.close()

  const exact = heard.filter(([updates, hash]) => updates === said[0] && hash === said[1]).length
  const frames = heard.reduce((sum, [updates]) => sum + updates, 0)
  print(
    `venue feed: ${SUBSCRIBERS} subscribers, ${Math.round(made / seconds)} book updates/s for ${seconds.toFixed(1)} s: ` +
      `${exact} of ${heard.length} heard all ${said[0]} in order; ${Math.round(frames / delivered)} frames/s delivered, ` +
      `last one after ${delivered.toFixed(1)} s, longest pause of the venue ${slowest_ms.toFixed(0)} ms`,
  )
  if (exact !== SUBSCRIBERS) throw new Error(`${SUBSCRIBERS - exact} subscribers lost updates`)
}

const SUBSCRIBE = JSON.stringify({
  method: 'subscribe',
  params: { channel: 'book', symbol: ['BTC/USD'], depth: 10 },
})

/** Counts an update and folds its checksum into the hash, so that order matters. */
function hear(heard: [number, number], text: string): boolean {
  if (!text.startsWith('{"channel":"book","type":"update"')) return false
  const at = text.indexOf('"checksum":') + 11
  heard[0] += 1
  heard[1] = (Math.imul(heard[1], 31) + Number.parseInt(text.slice(at), 10)) >>> 0
  return true
}

/** The other process: two hundred sockets that read. */
async function clients(url: string, count: number): Promise<void> {
  const { WebSocket } = await import('ws')
  const heard = Array.from({ length: count }, (): [number, number] => [0, 0])
  let wanted = Number.POSITIVE_INFINITY
  let ready = 0
  const tell = (told: Told) => process.send?.(told)
  const check = () => {
    if (heard.every(([updates]) => updates >= wanted)) tell({ type: 'done', heard })
  }
  process.on('message', (total) => {
    wanted = Number(total)
    check()
    // Whoever has not heard all by then has lost something.
    setTimeout(() => tell({ type: 'done', heard }), 20_000)
  })
  for (const mine of heard) {
    const socket = new WebSocket(`${url}/v2`)
    socket.on('open', () => socket.send(SUBSCRIBE))
    socket.on('message', (data) => {
      const text = data.toString()
      if (hear(mine, text)) {
        if (mine[0] === wanted) check()
      } else if (text.startsWith('{"channel":"book","type":"snapshot"')) {
        ready += 1
        if (ready === count) tell({ type: 'ready' })
      }
    })
  }
}

const [url = '', count = '0'] = process.argv.slice(2)
if (process.env.PAPERVENUE_BENCH_CLIENTS === '1') await clients(url, Number(count))
