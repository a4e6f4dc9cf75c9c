/**
 * Routes: control over HTTP. `POST /control/<action>`, or GET for those that only read.
 *
 * Who may call is not decided here: the server lets loopback or the admin token through.
 *
 * @module
 */

import { type Context, Hono } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
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
  const app = new Hono<Env>()
  app.get('/', (context) =>
    json(context, 200, {
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
      context.header('allow', 'POST')
      return problem(context, 405, 'BAD_REQUEST', `${name} changes things; send POST`)
    }
    return answer(context, target, name, context.req.query())
  })
  app.post('/:action', async (context) => {
    const text = await context.req.text()
    if (text.length > BODY_MAX) {
      const words = `the body is longer than ${BODY_MAX} characters`
      return problem(context, 413, 'BAD_REQUEST', words)
    }
    const name = context.req.param('action')
    try {
      return await answer(context, target, name, text.trim() === '' ? {} : parseJson(text))
    } catch (error) {
      if (error instanceof JsonError) return problem(context, 400, 'BAD_REQUEST', error.message)
      throw error
    }
  })
  return app as unknown as Hono
}

/** The API around these routes gives every request its id. */
interface Env {
  Variables: { request_id?: string }
}

async function answer(
  context: Context<Env>,
  target: ControlTarget,
  name: string,
  input: unknown,
): Promise<Response> {
  try {
    return json(context, 200, (await perform(target, name, input)) ?? {})
  } catch (error) {
    if (!(error instanceof ControlError)) throw error
    return problem(context, STATUS[error.code], CODES[error.code], error.message, error.details)
  }
}

const CODES = { unknown: 'NOT_FOUND', impossible: 'CONFLICT', invalid: 'VALIDATION_ERROR' } as const

const problem = (
  context: Context<Env>,
  status: ContentfulStatusCode,
  code: string,
  message: string,
  details: ControlError['details'] = [],
): Response =>
  json(context, status, {
    error: {
      code,
      message,
      request_id: context.get('request_id') ?? 'control',
      ...(details.length > 0 ? { details } : {}),
    },
  })

const json = (context: Context<Env>, status: ContentfulStatusCode, body: unknown): Response =>
  context.body(stringifyJson(body), status, { 'content-type': 'application/json' })
