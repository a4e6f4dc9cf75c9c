/** A real server on a free port, and how to call it. */
import { serveOptions } from '../../src/server/options.js'
import { type RunningServer, serve } from '../../src/server/serve.js'
import { DEMO_LIVE_KEY, DEMO_TEST_KEY } from '../../src/server/verbs.js'
import { type Call, caller } from './api-client.js'

export const TEST_KEY = DEMO_TEST_KEY
export const LIVE_KEY = DEMO_LIVE_KEY

export interface Served {
  readonly server: RunningServer
  readonly url: string
  readonly call: Call
  /** Calls as another, fresh client. */
  fresh(): { test: string; live: string }
}

export async function served(flags: Parameters<typeof serveOptions>[0] = {}): Promise<Served> {
  const server = await serve(serveOptions({ port: '0', logLevel: 'silent', ...flags }, {}))
  return {
    server,
    url: server.url,
    call: caller((path, init) => fetch(`${server.url}${path}`, init), TEST_KEY),
    fresh: () => {
      const { test_key, live_key } = server.sandbox.account()
      return { test: test_key, live: live_key }
    },
  }
}
