/**
 * Routes: control over HTTP. `POST /control/<action>`, or GET for those that only read.
 *
 * Who may call is not decided here: the server lets loopback or the admin token through.
 *
 * @module
 */

import { Hono } from 'hono'
import { JsonError, parseJson, stringifyJson } from '../wire/json.js'
import { actions, perform } from './actions.js'
import { ControlError, type ControlTarget } from './target.js'

const BODY_MAX = 1_000_000

const STATUS = { unknown: 404, impossible: 409, invalid: 422 } as const

/**
 * The routes below `/control`.
 *
 * @example
 * app.route('/control', controlRoutes(target))
 */
export function controlRoutes(target: ControlTarget): Hono {
  const app = new Hono()
  app.get('/', () =>
    json(200, {
      now_ns: target.world.clock.now_ns(),
      seed: target.world.seed,
      clock: target.manual === null ? 'wall' : 'manual',
      actions: [...actions.values()].map(({ name, about, reads }) => ({
        name,
        about,
        method: reads === true ? 'GET or POST' : 'POST',
      })),
    }),
  )
  app.get('/:action', async (context) => {
    const name = context.req.param('action')
    const action = actions.get(name)
    if (action !== undefined && action.reads !== true) {
      return problem(405, 'METHOD_NOT_ALLOWED', `${name} changes things; send POST`)
    }
    return answer(target, name, context.req.query())
  })
  app.post('/:action', async (context) => {
    const text = await context.req.text()
    if (text.length > BODY_MAX) {
      return problem(413, 'BAD_REQUEST', `the body is longer than ${BODY_MAX} characters`)
    }
    try {
      return await answer(
        target,
        context.req.param('action'),
        text.trim() === '' ? {} : parseJson(text),
      )
    } catch (error) {
      if (error instanceof JsonError) return problem(400, 'BAD_REQUEST', error.message)
      throw error
    }
  })
  return app
}

async function answer(target: ControlTarget, name: string, input: unknown): Promise<Response> {
  try {
    return json(200, (await perform(target, name, input)) ?? {})
  } catch (error) {
    if (!(error instanceof ControlError)) throw error
    return problem(STATUS[error.code], CODES[error.code], error.message, error.details)
  }
}

const CODES = { unknown: 'NOT_FOUND', impossible: 'CONFLICT', invalid: 'VALIDATION_ERROR' } as const

const problem = (
  status: number,
  code: string,
  message: string,
  details: ControlError['details'] = [],
): Response =>
  json(status, { error: { code, message, ...(details.length > 0 ? { details } : {}) } })

const json = (status: number, body: unknown): Response =>
  new Response(stringifyJson(body), {
    status,
    headers: { 'content-type': 'application/json' },
  })
