/** Ledger and trade balance: every change of a balance once, with what was there after it. */
import { describe, expect, test } from 'vitest'
import {
  type Answer,
  amount,
  BTC,
  type KrakenLab,
  krakenLab,
  price,
} from '../../../support/kraken.js'

const limit = { pair: 'XBTUSD', type: 'buy', ordertype: 'limit', volume: '0.1', price: '29000.0' }
const market = { pair: 'XBTUSD', type: 'buy', ordertype: 'market', volume: '0.5' }

interface Row {
  readonly refid: string
  readonly time: number
  readonly type: string
  readonly asset: string
  readonly amount: string
  readonly fee: string
  readonly balance: string
}

/** An account that was given money, bought half a bitcoin, and was given more. */
async function traded(): Promise<{ lab: KrakenLab; account: Answer; rows: [string, Row][] }> {
  const lab = krakenLab()
  const account = lab.account('ledger', { USD: '20000' })
  lab.sheetBook()
  await lab.call(account, 'AddOrder', market)
  lab.mock.admin.setBalance(account.account_id, 'USD', 600_000_000_000n)
  lab.mock.admin.setBalance(account.account_id, 'BTC', 40_000_000n)
  const { result } = await lab.call(account, 'Ledgers')
  return { lab, account, rows: Object.entries(result.ledger) as [string, Row][] }
}

describe('Ledgers', () => {
  test('tells deposits, both legs of a trade and withdrawals, newest first', async () => {
    const { rows } = await traded()
    expect(rows.map(([, row]) => [row.type, row.asset, row.amount, row.fee, row.balance])).toEqual([
      ['withdrawal', 'XXBT', '-0.1000000000', '0.0000000000', '0.4000000000'],
      ['deposit', 'ZUSD', '1060.0000', '0.0000', '6000.0000'],
      ['trade', 'ZUSD', '-15000.0000', '60.0000', '4940.0000'],
      ['trade', 'XXBT', '0.5000000000', '0.0000000000', '0.5000000000'],
      ['deposit', 'ZUSD', '20000.0000', '0.0000', '20000.0000'],
    ])
  })

  test('names the trade behind a line, and gives every line an id of Kraken’s form', async () => {
    const { lab, account, rows } = await traded()
    const trades = Object.keys((await lab.call(account, 'TradesHistory')).result.trades)
    expect(rows.filter(([, { type }]) => type === 'trade').map(([, { refid }]) => refid)).toEqual([
      trades[0],
      trades[0],
    ])
    for (const [id] of rows) expect(id).toMatch(/^L[A-Z2-7]{5}-[A-Z2-7]{5}-[A-Z2-7]{6}$/)
    expect(new Set(rows.map(([id]) => id)).size).toBe(rows.length)
  })

  test('gives a line the id and the balance that the balances channel told', async () => {
    const lab = krakenLab()
    const account = lab.account('same', { USD: '20000' })
    lab.sheetBook()
    const socket = await lab.socket()
    const { token } = (await lab.call(account, 'GetWebSocketsToken')).result
    await socket.ask({ method: 'subscribe', params: { channel: 'balances', token } })
    await lab.call(account, 'AddOrder', market)
    lab.mock.admin.setBalance(account.account_id, 'USD', 600_000_000_000n)
    await lab.settle()
    const told = socket
      .messages('balances')
      .flatMap(({ type, data }) => (type === 'update' ? data : []))
      .map(({ ledger_id, balance }) => [ledger_id, balance])
    const { ledger } = (await lab.call(account, 'Ledgers')).result
    const kept = Object.entries(ledger as Record<string, Row>).map(([id, row]) => [
      id,
      Number(row.balance),
    ])
    expect(kept.slice(0, 3).sort()).toEqual(told.sort())
  })

  test('keeps apart by asset, kind, span and page', async () => {
    const { lab, account, rows } = await traded()
    const asked = async (fields: Record<string, string>) => {
      const { result, error } = await lab.call(account, 'Ledgers', fields)
      return error.length > 0 ? error[0] : [Object.keys(result.ledger), result.count]
    }
    const ids = (wanted: (row: Row) => boolean) =>
      rows.filter(([, row]) => wanted(row)).map(([id]) => id)
    expect(await asked({ asset: 'XBT' })).toEqual([ids(({ asset }) => asset === 'XXBT'), 2])
    expect(await asked({ asset: 'ZUSD,XXBT' })).toEqual([ids(() => true), 5])
    expect(await asked({ type: 'deposit' })).toEqual([ids(({ type }) => type === 'deposit'), 2])
    expect(await asked({ ofs: '3' })).toEqual([ids(() => true).slice(3), 5])
    expect(await asked({ without_count: 'true' })).toEqual([ids(() => true), undefined])
    const [second = ''] = rows[1] ?? []
    const [last = ''] = rows[4] ?? []
    expect(await asked({ start: last })).toEqual([ids(() => true).slice(0, 4), 4])
    expect(await asked({ end: second })).toEqual([ids(() => true).slice(1), 4])
    expect(await asked({ start: String(rows[0]?.[1].time) })).toEqual([[], 0])
    expect(await asked({ end: '1' })).toEqual([[], 0])
    expect(await asked({ asset: 'FOO' })).toBe('EQuery:Unknown asset')
    expect(await asked({ type: 'gift' })).toBe('EGeneral:Invalid arguments:type')
    expect(await asked({ start: 'Lnone' })).toBe('EGeneral:Invalid arguments:start')
    expect(await asked({ end: 'Lnone' })).toBe('EGeneral:Invalid arguments:end')
    expect(await asked({ ofs: '-1' })).toBe('EGeneral:Invalid arguments:ofs')
    expect(await asked({ without_count: 'maybe' })).toBe('EGeneral:Invalid arguments:without_count')
  })

  test('needs the right to query the ledger, and shows nothing of anybody else', async () => {
    const { lab, rows } = await traded()
    const credentials = { permissions: 'query-funds' }
    const reader = lab.mock.admin.openAccount({ label: 'reader', credentials })
    expect((await lab.call(reader, 'Ledgers')).error).toEqual(['EGeneral:Permission denied'])
    const other = lab.account('other', { USD: '1' })
    expect((await lab.call(other, 'Ledgers')).result.count).toBe(1)
    const id = rows[0]?.[0] ?? ''
    expect((await lab.call(other, 'QueryLedgers', { id })).result).toEqual({})
  })

  test('brings the first line of every account to its balance, however it was reached', async () => {
    const { lab, account } = await traded()
    await lab.call(account, 'AddOrder', { ...market, type: 'sell', volume: '0.2', oflags: 'fcib' })
    await lab.call(account, 'AddOrder', limit)
    const { ledger } = (await lab.call(account, 'Ledgers')).result
    const balances = (await lab.call(account, 'Balance')).result
    const newest = new Map<string, string>()
    for (const row of Object.values(ledger as Record<string, Row>)) {
      if (!newest.has(row.asset)) newest.set(row.asset, row.balance)
    }
    expect(Object.fromEntries(newest)).toEqual(balances)
  })
})

describe('QueryLedgers', () => {
  test('answers the lines asked for, at most twenty', async () => {
    const { lab, account, rows } = await traded()
    const [first, , third] = rows
    const id = `${first?.[0]}, ${third?.[0]}`
    expect((await lab.call(account, 'QueryLedgers', { id })).result).toEqual(
      Object.fromEntries([first, third].flatMap((row) => (row ? [row] : []))),
    )
    const wrong = ['EGeneral:Invalid arguments:id']
    expect((await lab.call(account, 'QueryLedgers')).error).toEqual(wrong)
    const many = Array.from({ length: 21 }, (_, n) => `L${n}`).join(',')
    expect((await lab.call(account, 'QueryLedgers', { id: many })).error).toEqual(wrong)
  })
})

describe('TradeBalance', () => {
  test('values everything held at the middle of the book', async () => {
    const lab = krakenLab()
    const account = lab.account('worth', { USD: '1000', BTC: '0.1', DOGE: '5' })
    lab.sheetBook()
    const { result } = await lab.call(account, 'TradeBalance')
    // 1000 + 0.1 x 29995; nobody quotes DOGE.
    expect(result).toEqual({
      eb: '3999.5000',
      tb: '3999.5000',
      m: '0.0000',
      n: '0.0000',
      c: '0.0000',
      v: '0.0000',
      e: '3999.5000',
      mf: '3999.5000',
    })
  })

  test('counts in another asset, and falls back to the last trade', async () => {
    const lab = krakenLab()
    const account = lab.account('worth', { USD: '29995', BTC: '0.5' })
    lab.sheetBook()
    const inBitcoin = async () =>
      (await lab.call(account, 'TradeBalance', { asset: 'XBT' })).result?.eb
    expect(await inBitcoin()).toBe('1.5000000000')
    lab.book([], [])
    expect(await inBitcoin()).toBe('0.5000000000')
    lab.mock.admin.print(BTC, {
      price_1e9: price('30000'),
      qty_1e8: amount('0.1'),
      taker_side: 'buy',
    })
    expect(await inBitcoin()).toBe('1.4998333300')
    const unknown = await lab.call(account, 'TradeBalance', { asset: 'FOO' })
    expect(unknown.error).toEqual(['EQuery:Unknown asset'])
  })
})
