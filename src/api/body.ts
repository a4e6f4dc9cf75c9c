/**
 * Body: a bounded, exact reading of a JSON request body.
 *
 * Refusals in order: content type, size, UTF-8, JSON, text no database keeps (NUL, lone surrogates).
 *
 * @module
 */

import { decodeUtf8, type Json, JsonError, JsonNumber, parseJson } from '../wire/json.js'
import { ApiError, badRequest } from './errors.js'

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\s*(?:;\s*charset=(?:"?utf-?8"?)\s*)?;?\s*$/i

/**
 * @param limit - Most bytes read.
 * @throws ApiError 400 for what is no JSON, 413 beyond the limit.
 */
export async function readJson(request: Request, limit: number): Promise<Json> {
  const type = request.headers.get('content-type')
  if (type === null || !JSON_TYPE.test(type)) {
    throw badRequest('send the body as Content-Type: application/json (UTF-8)')
  }
  const text = decodeUtf8(await readBytes(request, limit))
  if (text === undefined) throw badRequest('the body is not valid UTF-8')
  const value = parsed(text)
  if (SUSPICIOUS.test(text)) refuseUnstorable(value)
  return value
}

/** @throws ApiError 413 when the announced size is beyond the limit. */
export function refuseOversize(request: Request, limit: number): void {
  const length = request.headers.get('content-length')
  if (length !== null && Number(length) > limit) throw tooLarge(limit)
}

/** Text with NUL or half a surrogate pair: valid in JSON, impossible in UTF-8 storage. */
export const isStorable = (text: string): boolean => !UNSTORABLE.test(text)

const UNSTORABLE = /\0|\p{Surrogate}/u
/** Only an escape can smuggle such text through UTF-8 and JSON. */
const SUSPICIOUS = /\\u(?:0000|[dD][89a-fA-F])/

function parsed(text: string): Json {
  try {
    return parseJson(text)
  } catch (error) {
    if (error instanceof JsonError) throw badRequest(`the body is not valid JSON: ${error.message}`)
    throw error
  }
}

function refuseUnstorable(value: Json): void {
  if (typeof value === 'string') {
    if (!isStorable(value)) throw badRequest('text with NUL or a lone surrogate is not accepted')
  } else if (Array.isArray(value)) value.forEach(refuseUnstorable)
  else if (typeof value === 'object' && value !== null && !(value instanceof JsonNumber)) {
    for (const key of Object.keys(value)) {
      refuseUnstorable(key)
      refuseUnstorable(value[key] ?? null)
    }
  }
}

async function readBytes(request: Request, limit: number): Promise<Uint8Array> {
  // With an announced length the transport keeps the body to it, and the fast path is safe.
  if (request.headers.has('content-length')) {
    const bytes = new Uint8Array(await request.arrayBuffer())
    if (bytes.byteLength > limit) throw tooLarge(limit)
    return bytes
  }
  if (request.body === null) return new Uint8Array()
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request.body as unknown as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength
    if (size > limit) throw tooLarge(limit)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, size)
}

const tooLarge = (limit: number) =>
  new ApiError(413, 'BAD_REQUEST', `the body is larger than ${limit} bytes`, {
    headers: { connection: 'close' },
  })
