/**
 * Lines: the messages of a recording file, one by one, gunzipped in the stream.
 *
 * Two framings are known: `<unix nanoseconds> <message>` and `<unix seconds>: <message>`, the latter
 * with lines that start with a URL for what was sent or answered over HTTP; those are passed over.
 *
 * @module
 */

import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { type Message, RecordingError } from './format.js'

export interface RecordedMessage {
  /** 1 for the first line of the file. */
  readonly line: number
  readonly received_ns: bigint
  readonly message: Message
}

/**
 * Reads a file lazily: at most one read buffer is held.
 *
 * @throws RecordingError naming the line that is neither a message nor a known framing.
 */
export async function* recordedMessages(file: string): AsyncGenerator<RecordedMessage, void> {
  const raw = createReadStream(file)
  const unpacked = file.endsWith('.gz') ? createGunzip() : null
  // A pipe does not hand on errors, so a missing or damaged file would look like a hanging one.
  if (unpacked !== null) raw.on('error', (error: Error) => unpacked.destroy(error)).pipe(unpacked)
  const input: Readable = unpacked ?? raw
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })
  let failure: unknown
  input.on('error', (error: Error) => {
    failure = error
    lines.close()
  })
  let line = 0
  try {
    for await (const text of lines) {
      line += 1
      const message = parseLine(text, line)
      if (message !== undefined) yield message
    }
  } catch (error) {
    // Some versions of Node throw a stream's error out of the iteration, others end it.
    if (error instanceof RecordingError) throw error
    failure = error
  } finally {
    lines.close()
    raw.destroy()
    unpacked?.destroy()
  }
  if (failure !== undefined) {
    const why = failure instanceof Error ? failure.message : String(failure)
    throw new RecordingError(`${file} cannot be read beyond line ${line}: ${why}`)
  }
}

function parseLine(text: string, line: number): RecordedMessage | undefined {
  if (text.trim() === '' || /^\w+:\/\//.test(text)) return undefined
  const match = /^(\d{16,20}) (.*)$/.exec(text)
  if (match?.[1] !== undefined) {
    return { line, received_ns: BigInt(match[1]), message: parse(match[2], line) }
  }
  const seconds = /^(\d+)(?:\.(\d{1,9}))?: (.*)$/.exec(text)
  if (seconds?.[1] !== undefined) {
    const fraction = BigInt((seconds[2] ?? '').padEnd(9, '0'))
    const received_ns = BigInt(seconds[1]) * 1_000_000_000n + fraction
    return { line, received_ns, message: parse(seconds[3], line) }
  }
  throw new RecordingError(`line ${line} is no recorded message: ${text.slice(0, 60)}`)
}

function parse(text: string | undefined, line: number): Message {
  try {
    return JSON.parse(text ?? '')
  } catch {
    throw new RecordingError(`line ${line} holds no JSON: ${(text ?? '').slice(0, 60)}`)
  }
}
