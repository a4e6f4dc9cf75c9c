import { describe } from 'vitest'
import { WebSocket } from 'ws'
import { expect, test } from '../../../src/vitest/index.js'

const BOOK = '/0/public/Depth?pair=XBTUSD'

describe('faults meet clients over real sockets as they do in-process', () => {
  test('a lost acknowledgement breaks the connection after the work was done', async ({
    server,
    venues,
    trader,
  }) => {
    await trader.fund([{ venue: 'kraken', kind: 'fiat', symbol: 'USD', qty: '10000' }], true)
    await venues.kraken?.depth('BTC-USD', { asks: [['60010', '1']] })
    const clear = await venues.kraken?.fault({ type: 'lost-ack', match: { path: 'Depth', nth: 1 } })
    await expect(fetch(server.venueUrl('kraken') + BOOK)).rejects.toThrow('fetch failed')
    await clear?.()
    const answer = await fetch(server.venueUrl('kraken') + BOOK)
    expect(answer.status).toBe(200)
  })

  test('a maintenance window answers in the venue’s own words', async ({ server, venues }) => {
    await venues.kraken?.fault({ type: 'maintenance' })
    const answer = await fetch(server.venueUrl('kraken') + BOOK)
    expect(await answer.text()).toMatch(/EService/)
  })

  test('a disconnect ends a WebSocket without a closing frame', async ({ server, venues }) => {
    const socket = new WebSocket(`${server.venueUrl('kraken').replace('http', 'ws')}/v2`)
    await new Promise((resolve, reject) => {
      socket.once('open', resolve)
      socket.once('error', reject)
    })
    const closed = new Promise<number>((resolve) => socket.once('close', resolve))
    await venues.kraken?.fault({ type: 'disconnect' })
    expect(await closed).toBe(1006)
  })
})
