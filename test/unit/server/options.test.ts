import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { serveOptions } from '../../../src/server/options.js'
import { UsageError } from '../../../src/server/usage-error.js'

const folder = mkdtempSync(join(tmpdir(), 'papervenue-'))
afterAll(() => rmSync(folder, { recursive: true }))

function config(content: string): string {
  const path = join(folder, 'config.json')
  writeFileSync(path, content)
  return path
}

test('defaults are loopback, port 50052, memory, quiet and seed 42', () => {
  expect(serveOptions({}, {})).toEqual({
    port: 50_052,
    host: '127.0.0.1',
    seed: 42,
    liquidity: 'quiet',
    venue_ports: {},
    switches: {},
    limits: {},
    key_form: 'strict',
    log_level: 'warn',
  })
})

test('flags win over the file, the file over the environment', () => {
  const path = config(
    '{"port":1,"seed":7,"database_url":"postgres://file","venue_ports":{"kraken":50102}}',
  )
  const options = serveOptions(
    { config: path, port: '2', venuePort: ['kalshi=50101'] },
    { DATABASE_URL: 'postgres://env' },
  )
  expect(options).toMatchObject({
    port: 2,
    seed: 7,
    database_url: 'postgres://file',
    venue_ports: { kraken: 50_102, kalshi: 50_101 },
  })
})

test('DATABASE_URL of the environment gives way to --data', () => {
  const env = { DATABASE_URL: 'postgres://env' }
  expect(serveOptions({}, env).database_url).toBe('postgres://env')
  expect(serveOptions({ data: 'here' }, env)).not.toHaveProperty('database_url')
})

test('limits are read exactly, from flags or the file', () => {
  const path = config('{"max_position":"0.1","max_daily_loss":"5","max_deviation":"off"}')
  expect(serveOptions({ config: path, maxDailyLoss: '0.29' }, {}).limits).toEqual({
    position_qty_1e8_max: 10_000_000n,
    daily_loss_usd_1e9_max: 290_000_000n,
    price_deviation_bps_max: null,
  })
})

describe('what cannot work is told in one line', () => {
  test.each([
    [{ port: '70000' }, '--port is 70000; a port from 0 to 65535 is expected'],
    [{ port: 'http' }, '--port is http'],
    [{ port: '-1' }, '--port is -1'],
    [{ host: '' }, '--host'],
    [{ seed: '1.5' }, '--seed is 1.5'],
    [{ seed: '99999999999999999999' }, '--seed'],
    [{ liquidity: 'lots' }, '--liquidity is lots; quiet, live or replay:FILE is expected'],
    [{ liquidity: 'replay:' }, '--liquidity is replay:'],
    [{ venuePort: ['kalshi'] }, '--venue-port is kalshi; <venue>=<port> is expected'],
    [{ venuePort: ['kalshi=99999'] }, '--venue-port is 99999'],
    [{ rateLimit: '0' }, '--rate-limit is 0'],
    [{ rateLimit: 'fast' }, '--rate-limit is fast'],
    [{ maxPosition: '-1' }, '--max-position is -1; a decimal number above 0 is expected'],
    [{ maxDailyLoss: 'much' }, '--max-daily-loss is much'],
    [{ maxDeviation: '1.5' }, '--max-deviation is 1.5'],
    [{ adversary: 'kind' }, '--adversary is kind; one of off, realistic, worst is expected'],
    [{ logLevel: 'loud' }, '--log-level is loud'],
    [{ adminToken: 'short' }, '--admin-token needs at least 16 characters'],
    [{ data: 'a', databaseUrl: 'b' }, '--data and --database-url exclude each other'],
    [{ config: '/nowhere/papervenue.json' }, '--config /nowhere/papervenue.json'],
  ])('%j', (flags, words) => {
    expect(() => serveOptions(flags, {})).toThrow(UsageError)
    expect(() => serveOptions(flags, {})).toThrow(words)
  })

  test.each(['{', '[]', '{"prot":1}', '{"port":"x"}', '{"seed":1.5}'])(
    'a file of %s',
    (content) => {
      expect(() => serveOptions({ config: config(content) }, {})).toThrow(UsageError)
    },
  )
})

test('switches of venues come from the file and the flags, flags last', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'papervenue-')), 'config.json')
  writeFileSync(file, '{"switches":{"kalshi":{"era":"v2","member":"intermediary"}}}')
  const { switches } = serveOptions(
    { config: file, switch: ['kalshi.era=legacy', 'kraken.rate_limits=pro'] },
    {},
  )
  expect(switches).toEqual({
    kalshi: { era: 'legacy', member: 'intermediary' },
    kraken: { rate_limits: 'pro' },
  })
  expect(() => serveOptions({ switch: ['kalshi'] }, {})).toThrow('--switch is kalshi')
})
