/**
 * Client: the sandbox API as the command line calls it.
 *
 * @module
 */

import { type Json, parseJson, stringifyJson } from '../wire/json.js'

export interface ApiClient {
  /** @throws CallFailed with the envelope's code and message, or when nobody answers. */
  call(method: string, path: string, body?: unknown): Promise<Json>
}

/** A call that did not succeed, worded for a terminal. */
export class CallFailed extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'CallFailed'
  }
}

export function apiClient({ url, key }: { url: string; key: string }): ApiClient {
  const base = url.replace(/\/+$/, '')
  return {
    call: async (method, path, body) => {
      const response = await fetch(`${base}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${key}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: stringifyJson(body) }),
      }).catch((error: Error) => {
        throw new CallFailed(`nobody answers at ${base} (${causeOf(error)}); is it serving?`)
      })
      const text = await response.text()
      const value = text === '' ? null : parseJson(text)
      if (response.ok) return value
      throw new CallFailed(wordsOf(value) ?? `${method} ${path} answered ${response.status}`)
    },
  }
}

function causeOf(error: Error): string {
  const { cause } = error
  return cause instanceof Error
    ? ((cause as NodeJS.ErrnoException).code ?? cause.message)
    : error.message
}

function wordsOf(value: Json): string | undefined {
  const error = property(value, 'error')
  const message = property(error, 'message')
  if (typeof message !== 'string') return undefined
  const details = property(error, 'details')
  const more = Array.isArray(details)
    ? details.map((detail) => `\n  ${property(detail, 'field')}: ${property(detail, 'message')}`)
    : []
  return `${property(error, 'code')}: ${message}${more.join('')}`
}

/** A property of an answer, or undefined. */
export function property(value: Json | undefined, name: string): Json | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return (value as { [key: string]: Json | undefined })[name]
}
