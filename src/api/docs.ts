/**
 * Docs: the OpenAPI document and its page. Every asset is served from the installed package: the page
 * loads nothing from elsewhere.
 *
 * @module
 */

import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { ApiHono } from './endpoint.js'
import { z } from './schema.js'

const errorSchema = z
  .object({
    error: z.object({
      code: z.enum([
        'BAD_REQUEST',
        'INVALID_PARAMS',
        'UNAUTHORIZED',
        'FORBIDDEN',
        'NOT_FOUND',
        'CONFLICT',
        'VALIDATION_ERROR',
        'RATE_LIMITED',
        'INTERNAL_ERROR',
        'SERVICE_UNAVAILABLE',
      ]),
      message: z.string(),
      request_id: z.string(),
      details: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
    }),
  })
  .openapi('Error')

const DESCRIPTION = `Sandbox API of papervenue.

Integers with a unit suffix (\`_1e8\` quantities, \`_1e9\` prices and USD, \`_ns\` nanoseconds) are plain JSON
integer literals of any size: they may exceed 2^53, and totals may exceed 64 bits. Read them with a parser
that keeps big integers. Fields without a suffix are numbers for people.

Keys: \`Authorization: Bearer seq_test_...\` (sandbox rows) or \`seq_live_...\` (live rows).
`

const ASSETS = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
} as const

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>papervenue API</title>
<link rel="icon" href="/docs/favicon-32x32.png">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="docs"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`

const START = `SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#docs',
  deepLinking: true,
  validatorUrl: null,
  persistAuthorization: true,
})
`

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'"

/** Bodies and answers to show, by method and path as in `POST /v1/orders`. */
export type Examples = Readonly<
  Record<string, { readonly body?: unknown; readonly answer: unknown }>
>

/** @param options.examples - Looked at when somebody asks for the document. Absent: none are shown. */
export function mountDocs(
  app: ApiHono,
  { version, examples }: { version: string; examples?: (() => Promise<Examples>) | undefined },
): void {
  app.openAPIRegistry.register('Error', errorSchema)
  app.openAPIRegistry.registerComponent('securitySchemes', 'bearer', {
    type: 'http',
    scheme: 'bearer',
  })

  let document: string | undefined
  app.get('/openapi.json', async (c) => {
    if (document === undefined) {
      const made = app.getOpenAPI31Document({
        openapi: '3.1.0',
        info: { title: 'papervenue', version, description: DESCRIPTION },
        servers: [{ url: '/' }],
      })
      show(made.paths as Paths, (await examples?.()) ?? {})
      document = JSON.stringify(made)
    }
    return c.body(document, 200, { 'content-type': 'application/json' })
  })

  app.get('/docs', (c) => c.html(PAGE, 200, { 'content-security-policy': POLICY }))
  app.get('/docs/start.js', (c) =>
    c.body(START, 200, { 'content-type': 'text/javascript; charset=utf-8' }),
  )
  for (const [name, type] of Object.entries(ASSETS)) {
    app.get(`/docs/${name}`, async (c) =>
      c.body(new Uint8Array(await readFile(assetPath(name))), 200, {
        'content-type': type,
        'cache-control': 'max-age=3600',
      }),
    )
  }
}

interface Shown {
  content?: Record<string, { example?: unknown }>
}
type Paths = Record<
  string,
  Record<string, { requestBody?: Shown; responses?: Record<string, Shown> }>
>

/** Puts the examples where a reader of the document finds them: the body, and the answer of success. */
function show(paths: Paths, examples: Examples): void {
  for (const [path, calls] of Object.entries(paths)) {
    for (const [method, { requestBody, responses = {} }] of Object.entries(calls)) {
      const example = examples[`${method.toUpperCase()} ${path}`]
      if (example === undefined) continue
      const success = Object.entries(responses).find(([status]) => status.startsWith('2'))?.[1]
      const [body, answer] = [requestBody, success].map((shown) => shown?.content?.[JSON_TYPE])
      if (body !== undefined && example.body !== undefined) body.example = example.body
      if (answer !== undefined) answer.example = example.answer
    }
  }
}

const JSON_TYPE = 'application/json'

const assetPath = (name: string): string =>
  join(dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json')), name)
