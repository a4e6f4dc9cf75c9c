/**
 * Kalshi feed: 200 subscribers of one book at 1,000 book updates a second, sequence numbers checked.
 *
 * Hot path: one command into the exchange, one delta written once, two hundred sequence numbers. The
 * subscribers are in-process peers that check every `seq` (the network's part is the Kraken bench's
 * business); the update rate is what one popular market makes at its busiest.
 */
import { wallClock } from '../../src/world/clock.js'
import { seededWorld } from '../../src/world/seeded.js'
import { kalshiMock } from '../../venues/kalshi/mock.js'
import { price, signedHeaders, TICKER, usd } from '../support/kalshi.js'

const SUBSCRIBERS = 200
const UPDATES_PER_S = 1_000
const SECONDS = 5
const PATH = '/trade-api/ws/v2'

export async function run(print: (line: string) => void): Promise<void> {
  const clock = wallClock()
  const mock = kalshiMock({ world: seededWorld({ seed: 1, clock }) })
  const { account_id, credentials } = mock.admin.openAccount({ label: 'bench' })
  const { key_id = '', private_key_pem = '' } = credentials
  const account = { account_id, key_id, private_key_pem }
  let lost = 0
  const heard = new Array<number>(SUBSCRIBERS).fill(0)
  for (let nth = 0; nth < SUBSCRIBERS; nth++) {
    const session = mock.connect(
      { path: PATH, query: '', headers: signedHeaders(account, 'GET', PATH, clock.now_ms()) },
      {
        ping: () => undefined,
        close: () => undefined,
        send: (text) => {
          if (!text.startsWith('{"type":"orderbook_')) return
          const at = text.indexOf('"seq":') + 6
          const seq = Number.parseInt(text.slice(at), 10)
          if (seq !== (heard[nth] ?? 0) + 1) lost += 1
          heard[nth] = seq
        },
      },
    )
    if ('status' in session) throw new Error(`refused: ${session.body}`)
    const params = { channels: ['orderbook_delta'], market_tickers: [TICKER] }
    session.message(JSON.stringify({ id: 1, cmd: 'subscribe', params }))
  }
  const wanted = UPDATES_PER_S * SECONDS
  const begun = performance.now()
  let made = 0
  const cpu = process.cpuUsage()
  while (made < wanted) {
    const due = Math.min(wanted, Math.floor(((performance.now() - begun) / 1_000) * UPDATES_PER_S))
    for (; made < due; made++) {
      // A level comes and goes: one delta each time.
      const bids = made % 2 === 0 ? [{ price_1e9: price(0.42), qty_1e8: usd(10) }] : []
      mock.admin.setDepth(TICKER, { bids, asks: [] })
    }
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  const seconds = (performance.now() - begun) / 1_000
  const { user, system } = process.cpuUsage(cpu)
  await mock.close()
  const frames = heard.reduce((sum, seq) => sum + seq, 0)
  print(
    `kalshi feed: ${SUBSCRIBERS} subscribers, ${Math.round(made / seconds)} book updates/s for ${seconds.toFixed(1)} s: ` +
      `${frames} messages, ${lost} sequence numbers lost, ${((user + system) / made / 1e3).toFixed(2)} ms of processor an update`,
  )
  if (lost > 0) throw new Error(`${lost} sequence numbers were lost`)
}
