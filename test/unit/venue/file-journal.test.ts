import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fileJournal, JournalDamaged } from '../../../src/venue/file-journal.js'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'papervenue-journal-'))
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

const reopened = async () => {
  const journal = fileJournal(folder)
  const loaded = await journal.load()
  await journal.close()
  return loaded
}

const bytes = (text: string) => new TextEncoder().encode(text)

test('gives back what was appended, in order', async () => {
  const journal = fileJournal(folder)
  await journal.load()
  await Promise.all([journal.append(['a', 'b']), journal.append(['ć'])])
  await journal.append(['d'])
  await journal.close()
  expect(await reopened()).toEqual({ snapshot: null, lines: ['a', 'b', 'ć', 'd'] })
})

test('writes lines that wait together in one go', async () => {
  const journal = fileJournal(folder)
  await journal.load()
  const first = journal.append(['1'])
  const same = journal.append(['2'])
  expect(same).toBe(first)
  await first
  expect(journal.append(['3'])).not.toBe(first)
  await journal.close()
  expect((await reopened()).lines).toEqual(['1', '2', '3'])
})

test('a snapshot stands for the lines before it, and for none after it', async () => {
  const journal = fileJournal(folder)
  await journal.load()
  const before = journal.append(['before'])
  const kept = journal.snapshot(bytes('state'))
  const after = journal.append(['after'])
  await Promise.all([before, kept, after])
  await journal.close()
  const { snapshot, lines } = await reopened()
  expect(new TextDecoder().decode(snapshot ?? new Uint8Array())).toBe('state')
  expect(lines).toEqual(['after'])
  expect(readdirSync(folder).sort()).toEqual(['journal-1.log', 'snapshot-1'])
})

test('cuts a torn end off and goes on behind it', async () => {
  const journal = fileJournal(folder)
  await journal.load()
  await journal.append(['whole'])
  await journal.close()
  appendFileSync(join(folder, 'journal-0.log'), 'deadbeef {"half')
  const again = fileJournal(folder)
  expect((await again.load()).lines).toEqual(['whole'])
  await again.append(['next'])
  await again.close()
  expect((await reopened()).lines).toEqual(['whole', 'next'])
})

test('every cut of a log loads to a beginning of it', async () => {
  const journal = fileJournal(folder)
  await journal.load()
  await journal.append(['one', 'two', 'three'])
  await journal.close()
  const path = join(folder, 'journal-0.log')
  const whole = readFileSync(path)
  for (let length = 0; length <= whole.length; length++) {
    writeFileSync(path, whole.subarray(0, length))
    const { lines } = await reopened()
    expect(['one', 'two', 'three'].slice(0, lines.length)).toEqual(lines)
  }
})

test('refuses damage that has good lines behind it', async () => {
  const journal = fileJournal(folder)
  await journal.load()
  await journal.append(['one', 'two', 'three'])
  await journal.close()
  const path = join(folder, 'journal-0.log')
  writeFileSync(path, readFileSync(path, 'utf8').replace('two', 'tvo'))
  await expect(fileJournal(folder).load()).rejects.toThrow(JournalDamaged)
})

test('refuses a damaged snapshot instead of starting empty', async () => {
  const journal = fileJournal(folder)
  await journal.load()
  await journal.snapshot(bytes('state'))
  await journal.close()
  writeFileSync(join(folder, 'snapshot-1'), 'garbage')
  await expect(fileJournal(folder).load()).rejects.toThrow(JournalDamaged)
})
