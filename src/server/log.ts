/**
 * Log: one JSON line an event on stderr. Never a key, a secret or a body.
 *
 * @module
 */

import type { Log } from '../api/app.js'
import type { ServeOptions } from './options.js'

/** The library is loaded only when something is to be written. */
export async function logger(level: ServeOptions['log_level']): Promise<Log> {
  if (level === 'silent') return { info: () => undefined, error: () => undefined }
  const { pino } = await import('pino')
  const lines = pino(
    {
      level,
      redact: {
        paths: ['*.authorization', '*.api_key', '*.secret', 'key', '*.key'],
        censor: '[kept]',
      },
    },
    pino.destination({ fd: 2, sync: true }),
  )
  return {
    info: (facts, message) => lines.info(facts, message),
    error: (facts, message) => lines.error(facts, message),
  }
}
