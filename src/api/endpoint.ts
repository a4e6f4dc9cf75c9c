/**
 * Endpoint: one call of the API as data. The same declaration routes, authorizes, parses and documents it.
 *
 * Order of checks, which is behaviour: size, key, rate, mode, path and query, body. A failing check
 * leaves no trace: nothing is stored before the handler runs.
 *
 * @module
 */

import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Context, Handler } from 'hono'
import type { Principal } from '../desk/contract.js'
import { type Json, JsonNumber, stringifyJson } from '../wire/json.js'
import { readJson } from './body.js'
import {
  codeOf,
  type ErrorBody,
  forbidden,
  invalidBody,
  invalidParams,
  unauthorized,
} from './errors.js'
import { detailsOf, type z } from './schema.js'

export type ApiEnv = { Variables: { request_id: string; who: Principal | undefined } }
export type ApiHono = OpenAPIHono<ApiEnv>

type Shape = z.ZodType | undefined
type Parsed<T extends Shape> = T extends z.ZodType ? z.infer<T> : undefined

export interface EndpointInput<P extends Shape, Q extends Shape, B extends Shape> {
  readonly who: Principal
  readonly params: Parsed<P>
  readonly query: Parsed<Q>
  readonly body: Parsed<B>
}

export interface Endpoint<P extends Shape, Q extends Shape, B extends Shape> {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete'
  /** OpenAPI form: `/v1/orders/{node_order_id}`. */
  readonly path: string
  readonly tag: string
  readonly summary: string
  readonly description?: string
  /** `test-key`: a live key gets 403. */
  readonly needs: 'key' | 'test-key'
  readonly params?: P
  readonly query?: Q
  readonly body?: B
  /** How the documentation shows the body, where its schema cannot show itself. */
  readonly body_shown?: z.ZodType
  readonly answer: z.ZodType
  readonly status?: 200 | 201
  /** Statuses it may answer with beside the ones every call can. */
  readonly fails?: readonly (403 | 404 | 409 | 422 | 503)[]
  readonly handle: (input: EndpointInput<P, Q, B>) => Promise<unknown> | unknown
}

/** Adds an endpoint to the app and to its OpenAPI document. */
export function mount<
  P extends Shape = undefined,
  Q extends Shape = undefined,
  B extends Shape = undefined,
>(app: ApiHono, endpoint: Endpoint<P, Q, B>, options: { body_limit: number }): void {
  document(app, endpoint)
  const { params, query, body, status = 200, needs } = endpoint
  const handler: Handler<ApiEnv> = async (c) => {
    const who = c.get('who')
    if (who === undefined) throw unauthorized()
    if (needs === 'test-key' && who.mode !== 'sandbox') {
      throw forbidden('this call needs a seq_test_ key')
    }
    const input = {
      who,
      params: params && parseText(params, c.req.param()),
      query: query && parseText(query, queryOf(c)),
      body: body && parseBody(body, await readJson(c.req.raw, options.body_limit)),
    } as EndpointInput<P, Q, B>
    return json(c, status, await endpoint.handle(input))
  }
  app.on(endpoint.method.toUpperCase(), endpoint.path.replaceAll(/\{(\w+)\}/g, ':$1'), handler)
}

/** A JSON answer with exact integers. */
export function json(c: Context, status: number, value: unknown): Response {
  return c.body(stringifyJson(value), status as 200, { 'content-type': 'application/json' })
}

function parseText(schema: z.ZodType, value: Record<string, string>): unknown {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const details = detailsOf(result.error)
  throw invalidParams(`${details[0]?.field}: ${details[0]?.message}`, details)
}

function parseBody(schema: z.ZodType, value: Json): unknown {
  // A number is an object to the schemas, since it keeps its digits.
  const result = schema.safeParse(value instanceof JsonNumber ? value.value : value)
  if (result.success) return result.data
  throw invalidBody(detailsOf(result.error))
}

/** First value of each parameter, on an object that inherits nothing. */
function queryOf(c: Context): Record<string, string> {
  const found: Record<string, string> = Object.create(null)
  for (const [name, value] of Object.entries(c.req.query())) found[name] = value
  return found
}

function document<P extends Shape, Q extends Shape, B extends Shape>(
  app: ApiHono,
  {
    method,
    path,
    tag,
    summary,
    description,
    params,
    query,
    body,
    body_shown,
    answer,
    status = 200,
    fails = [],
    needs,
  }: Endpoint<P, Q, B>,
): void {
  const failures = new Set<number>([401, 429, 500, ...fails])
  if (params || query || body) failures.add(400)
  if (body) {
    failures.add(413)
    failures.add(422)
  }
  if (needs === 'test-key') failures.add(403)
  app.openAPIRegistry.registerPath({
    method,
    path,
    tags: [tag],
    summary,
    ...(description !== undefined && { description }),
    security: [{ bearer: [] }],
    request: {
      ...(params && { params: params as unknown as z.ZodObject }),
      ...(query && { query: query as unknown as z.ZodObject }),
      ...(body && {
        body: {
          required: true,
          content: { 'application/json': { schema: body_shown ?? body } },
        },
      }),
    },
    responses: {
      [status]: {
        description: 'Done',
        content: { 'application/json': { schema: answer } },
      },
      ...Object.fromEntries(
        [...failures].sort().map((code) => [
          code,
          {
            description: FAILURES[code] ?? 'Failed',
            content: {
              'application/json': {
                schema: { $ref: '#/components/schemas/Error' },
                example: failureExample(code),
              },
            },
          },
        ]),
      ),
    },
  })
}

/** An envelope as this status carries it. */
function failureExample(status: number): ErrorBody {
  const field = { field: 'qty', message: 'must be more than 0' }
  const details = status === 422 ? { details: [field] } : {}
  return {
    error: {
      code: codeOf(status),
      message: FAILURES[status] ?? 'Failed',
      request_id: '2f1c6f0e-5f0b-4c39-9f4e-0f8f6c1f6a11',
      ...details,
    },
  }
}

const FAILURES: Readonly<Record<number, string>> = {
  400: 'Malformed request or parameters',
  401: 'API key missing, unknown or revoked',
  403: 'This key may not do this',
  404: 'No such resource of this client and mode',
  409: 'In conflict with what exists',
  413: 'Body too large',
  422: 'The body fails validation; see details',
  429: 'Rate limit exceeded',
  500: 'A fault of the server',
  503: 'Not stored: try again',
}
