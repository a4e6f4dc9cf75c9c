/**
 * File journal: a mock venue's commands and snapshots in a folder, safe against `kill -9`.
 *
 * Lines are appended to a numbered log, each with its checksum, and answered after `fdatasync`; lines
 * that come while a sync runs share the next one. A snapshot starts a new log: `snapshot-N` holds
 * everything before `journal-N.log`. On loading, a torn end of the last log (never acknowledged) is cut off.
 *
 * @module
 */

import type { FileHandle } from 'node:fs/promises'
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { VenueJournal } from './contract.js'
import { crc32, crc32Bytes } from './crc32.js'

/** A journal file that is damaged, beyond the torn end a crash leaves. */
export class JournalDamaged extends Error {
  constructor(file: string) {
    super(
      `${file} is damaged; restore its folder from a backup, or remove the folder to start empty.`,
    )
    this.name = 'JournalDamaged'
  }
}

export interface FileJournal extends VenueJournal {
  /** Waits for what was appended and closes the log. */
  close(): Promise<void>
}

/**
 * The journal in a folder; the folder is made when missing. One process at a time.
 *
 * @example
 * const journal = fileJournal('data/venues/demo')
 */
export function fileJournal(folder: string): FileJournal {
  return new Folder(folder)
}

const LOG = /^journal-(\d+)\.log$/
const SNAPSHOT = /^snapshot-(\d+)$/
const CHECKSUM_BYTES = 4

/** Lines that will be written and synced together. */
interface Batch {
  readonly lines: string[]
  readonly done: Promise<void>
}

class Folder implements FileJournal {
  readonly #folder: string
  #number = 0
  #log: FileHandle | null = null
  /** Takes lines until its turn to be written comes, or a snapshot seals it. */
  #batch: Batch | null = null
  /** Work on files, one at a time. After a failure everything behind it fails too. */
  #tail: Promise<void> = Promise.resolve()

  constructor(folder: string) {
    this.#folder = folder
  }

  append(lines: readonly string[]): Promise<void> {
    this.#batch ??= this.#newBatch()
    for (const line of lines) this.#batch.lines.push(`${checksum(line)} ${line}\n`)
    return this.#batch.done
  }

  snapshot(bytes: Uint8Array): Promise<void> {
    // What was appended before belongs to the log this snapshot replaces, what comes after to the next.
    this.#batch = null
    return this.#enqueue(() => this.#rotate(bytes))
  }

  async load(): Promise<{ snapshot: Uint8Array | null; lines: readonly string[] }> {
    await mkdir(this.#folder, { recursive: true })
    const names = await readdir(this.#folder)
    const numbers = (pattern: RegExp) =>
      names.flatMap((name) => pattern.exec(name)?.[1] ?? []).map(Number)
    const from = Math.max(0, ...numbers(SNAPSHOT))
    const snapshot = from === 0 ? null : await this.#readSnapshot(from)
    const logs = numbers(LOG)
      .filter((number) => number >= from)
      .sort((a, b) => a - b)
    const lines: string[] = []
    for (const number of logs) {
      lines.push(...(await this.#readLog(number, number === logs.at(-1))))
    }
    this.#number = Math.max(from, ...logs)
    await this.#openLog()
    return { snapshot, lines }
  }

  async close(): Promise<void> {
    this.#batch = null
    await this.#tail
    await this.#log?.close()
    this.#log = null
  }

  #newBatch(): Batch {
    const lines: string[] = []
    const done = this.#enqueue(async () => {
      if (this.#batch?.lines === lines) this.#batch = null
      await this.#openLog()
      await this.#log?.write(lines.join(''))
      await this.#log?.datasync()
    })
    return { lines, done }
  }

  #enqueue(work: () => Promise<void>): Promise<void> {
    this.#tail = this.#tail.then(work)
    // The failure reaches whoever awaits the work; this only keeps the process from ending over it.
    this.#tail.catch(() => undefined)
    return this.#tail
  }

  async #openLog(): Promise<void> {
    if (this.#log !== null) return
    await mkdir(this.#folder, { recursive: true })
    this.#log = await open(this.#path(`journal-${this.#number}.log`), 'a')
    await syncFolder(this.#folder)
  }

  async #rotate(bytes: Uint8Array): Promise<void> {
    await mkdir(this.#folder, { recursive: true })
    const past = this.#number
    const part = this.#path('snapshot.part')
    const file = await open(part, 'w')
    try {
      const sum = new Uint8Array(CHECKSUM_BYTES)
      new DataView(sum.buffer).setUint32(0, crc32Bytes(bytes))
      await file.write(sum)
      await file.write(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(part, this.#path(`snapshot-${past + 1}`))
    await this.#log?.close()
    this.#log = null
    this.#number = past + 1
    await this.#openLog()
    // Everything before is in the snapshot now.
    for (const name of await readdir(this.#folder)) {
      const number = Number(LOG.exec(name)?.[1] ?? SNAPSHOT.exec(name)?.[1] ?? Number.NaN)
      if (number <= past) await rm(this.#path(name), { force: true })
    }
  }

  async #readSnapshot(number: number): Promise<Uint8Array> {
    const path = this.#path(`snapshot-${number}`)
    const bytes = await readFile(path)
    const body = new Uint8Array(bytes.subarray(CHECKSUM_BYTES))
    // It was synced before it got this name, so a wrong checksum is damage, not a crash.
    if (bytes.length < CHECKSUM_BYTES || bytes.readUInt32BE(0) !== crc32Bytes(body)) {
      throw new JournalDamaged(path)
    }
    return body
  }

  /** Good lines of a log. A torn end of the newest one was never acknowledged and is cut off. */
  async #readLog(number: number, newest: boolean): Promise<string[]> {
    const path = this.#path(`journal-${number}.log`)
    const bytes = await readFile(path)
    const lines: string[] = []
    let start = 0
    while (start < bytes.length) {
      const end = bytes.indexOf(0x0a, start)
      const line = end < 0 ? null : checked(bytes.toString('utf8', start, end))
      if (line === null) break
      lines.push(line)
      start = end + 1
    }
    if (start === bytes.length) return lines
    if (!newest || hasGoodLine(bytes, start)) throw new JournalDamaged(path)
    const file = await open(path, 'r+')
    try {
      await file.truncate(start)
      await file.sync()
    } finally {
      await file.close()
    }
    return lines
  }

  #path(name: string): string {
    return join(this.#folder, name)
  }
}

const checksum = (line: string): string => crc32(line).toString(16).padStart(8, '0')

function checked(text: string): string | null {
  const line = text.slice(9)
  return text[8] === ' ' && text.slice(0, 8) === checksum(line) ? line : null
}

/** Whether a good line follows: then what lies before it is damage, not a torn end. */
function hasGoodLine(bytes: Buffer, from: number): boolean {
  for (let start = bytes.indexOf(0x0a, from) + 1; start > 0; ) {
    const end = bytes.indexOf(0x0a, start)
    if (end < 0) return false
    if (checked(bytes.toString('utf8', start, end)) !== null) return true
    start = end + 1
  }
  return false
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
