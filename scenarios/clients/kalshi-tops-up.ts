/**
 * Tops up at Kalshi: speaks to the venue's own wire, keeps its position by the fills its socket tells, and
 * buys what it believes to be missing. Every order has an id, so a retry is the same order. With a bug: a
 * fill that was never told, or told late, is taken for one that did not happen.
 *
 * @module
 */

import { constants, createPrivateKey, sign } from 'node:crypto'
import { type ClientHands, defineClient, noAnswer } from '../../src/scenario/client.js'

const TICKER = 'KXTEST-99DEC31-T60'
const WANTED = 10
const ORDERS = '/trade-api/v2/portfolio/events/orders'
const SOCKET = '/trade-api/ws/v2'

export default defineClient({
  name: 'tops up at kalshi',
  about: 'buys 10 contracts over the venue’s own wire and tops up what its fills do not show',
  run: async (hands) => {
    const kalshi = hands.venue('kalshi')
    let owned = 0
    const session = kalshi.connect(SOCKET, {
      headers: signed(hands, 'GET', SOCKET),
      message: (text) => {
        const { type, msg } = JSON.parse(text) as { type: string; msg?: { count_fp?: string } }
        if (type === 'fill') owned += Number(msg?.count_fp)
      },
    })
    const params = { channels: ['fill'], market_tickers: [TICKER] }
    session.message(JSON.stringify({ id: 1, cmd: 'subscribe', params }))

    for (let round = 1; owned < WANTED && round <= 3; round += 1) {
      await buy(hands, `round-${round}`, WANTED - owned)
      await hands.sleep(2_000)
    }
    session.closed()
    return owned
  },
  invariant: (_owned, truth) => {
    const held = truth.venue('kalshi').positions.find((one) => one.venue_symbol === TICKER)
    const contracts = (held?.qty_1e8 ?? 0n) / 100_000_000n
    return contracts > BigInt(WANTED) ? `it wanted ${WANTED} contracts and owns ${contracts}` : null
  },
})

async function buy(hands: ClientHands, client_order_id: string, count: number): Promise<void> {
  const body = JSON.stringify({
    ticker: TICKER,
    client_order_id,
    side: 'bid',
    count: count.toFixed(2),
    price: '0.4200',
    time_in_force: 'immediate_or_cancel',
    self_trade_prevention_type: 'taker_at_cross',
  })
  for (let attempt = 1; attempt <= 5; attempt += 1) {
    try {
      await hands.venue('kalshi').fetch(ORDERS, {
        method: 'POST',
        headers: { ...signed(hands, 'POST', ORDERS), 'content-type': 'application/json' },
        body,
      })
      return
    } catch (error) {
      if (!noAnswer(error)) throw error
      await hands.sleep(100)
    }
  }
}

/** RSA-PSS over time, method and path, as the venue's documentation has it. */
function signed(hands: ClientHands, method: string, path: string): Record<string, string> {
  const { key_id = '', private_key_pem = '' } = hands.venue('kalshi').credentials
  const key = createPrivateKey(private_key_pem)
  const text = Buffer.from(`${hands.now_ms()}${method}${path}`)
  const signature =
    key.asymmetricKeyType === 'ed25519'
      ? sign(null, text, key)
      : sign('sha256', text, {
          key,
          padding: constants.RSA_PKCS1_PSS_PADDING,
          saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
        })
  return {
    'kalshi-access-key': key_id,
    'kalshi-access-timestamp': String(hands.now_ms()),
    'kalshi-access-signature': signature.toString('base64'),
  }
}
