/**
 * `kill -9` in the middle of work: what a venue answered is there after the restart, and its books and
 * ledgers are in order.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fileJournal } from '../../../src/venue/file-journal.js'
import { krakenLab } from '../../support/kraken.js'

const root = resolve(import.meta.dirname, '../../..')
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'papervenue-kill-'))
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('no acknowledged order is lost, three kills in a row', async () => {
  const acknowledged: string[] = []
  for (const enough of [40, 130, 60]) {
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', join(root, 'test/support/kraken-victim.ts'), folder],
      { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] },
    )
    let answered = 0
    for await (const txid of createInterface({ input: child.stdout })) {
      acknowledged.push(txid)
      answered += 1
      if (answered === enough) child.kill('SIGKILL')
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    expect(child.signalCode).toBe('SIGKILL')
  }

  const journal = fileJournal(folder)
  const lab = krakenLab({ journal, first_nonce: BigInt(Date.now()) * 1_000n })
  await lab.mock.recover()
  lab.mock.admin.check()
  const account = lab.mock.admin.openAccount({ label: 'victim' })
  const found = new Set<string>()
  for (let at = 0; at < acknowledged.length; at += 50) {
    const txid = acknowledged.slice(at, at + 50).join(',')
    const { result, error } = await lab.call(account, 'QueryOrders', { txid })
    expect(error).toEqual([])
    for (const id of Object.keys(result)) found.add(id)
  }
  expect(acknowledged.length).toBeGreaterThanOrEqual(230)
  expect(acknowledged.filter((id) => !found.has(id))).toEqual([])
  await lab.mock.close()
  await journal.close()
})
