/** Markets that move by themselves, made or recorded, go on after a revert as they did before. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { perform } from '../../../src/control/actions.js'
import { createSandbox, type Sandbox } from '../../../src/sandbox.js'
import type { Liquidity } from '../../../src/server/liquidity.js'
import { stringifyJson } from '../../../src/wire/json.js'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'papervenue-timeline-'))
  writeFileSync(join(folder, 'tape.txt'), recording(40))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A book, then a change every 100 ms that sets its best bid's size to the number of the change. */
function recording(changes: number): string {
  const change = (n: number) => {
    const b = [['100.00', `${n}.0`]]
    const data = { e: 'depthUpdate', E: 1, s: 'BTCUSDT', U: n, u: n, b, a: [] }
    return { stream: 'x@depth@100ms', data }
  }
  // The book names no market: the first change does.
  const book = { lastUpdateId: 1, bids: [['100.00', '1.0']], asks: [['101.00', '2.0']] }
  const later = Array.from({ length: changes }, (_, n) => change(n + 2))
  const rows: unknown[] = [change(1), book, ...later]
  const line = (row: unknown, n: number) =>
    `${1_700_000_000_000_000_000n + BigInt(n) * 100_000_000n} ${JSON.stringify(row)}`
  return rows.map(line).join('\n')
}

/** The books every 500 ms, that many times. */
async function watched(sandbox: Sandbox, times: number): Promise<string[]> {
  const seen: string[] = []
  for (let n = 0; n < times; n += 1) {
    await perform(sandbox.control, 'advance-clock', { ms: 500 })
    seen.push(stringifyJson(sandbox.hub.save()))
  }
  return seen
}

async function goesOnAlike(liquidity: Liquidity): Promise<string[]> {
  const sandbox = await createSandbox({ store: 'memory', seed: 3, liquidity })
  try {
    await watched(sandbox, 2)
    await perform(sandbox.control, 'snapshot', { name: 'then' })
    const then = stringifyJson(sandbox.hub.save())
    const first = await watched(sandbox, 6)
    await perform(sandbox.control, 'revert', { name: 'then' })
    expect(stringifyJson(sandbox.hub.save())).toBe(then)
    const again = await watched(sandbox, 6)
    expect(again).toEqual(first)
    expect(new Set(first).size).toBe(6)
    await watched(sandbox, 20)
    await perform(sandbox.control, 'revert', { name: 'then' })
    expect(await watched(sandbox, 6)).toEqual(first)
    return first
  } finally {
    await sandbox.close()
  }
}

test('seeded makers', async () => {
  await goesOnAlike('live')
})

test('a recording, even one that has ended meanwhile', async () => {
  const seen = await goesOnAlike(`replay:${join(folder, 'tape.txt')}`)
  // A second and a half in, the change numbered 15 is the newest.
  expect(seen[0]).toContain('"qty_1e8":1500000000')
})
