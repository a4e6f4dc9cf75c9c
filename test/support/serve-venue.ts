/**
 * Serves one mock venue on a real port, as a venue's own SDK would find it: node `http` and `ws`.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import type { MockVenue } from '../../src/venue/contract.js'

export interface ServedVenue {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string
  /** `ws://127.0.0.1:<port>`. */
  readonly socketUrl: string
  close(): Promise<void>
}

export async function serveVenue(mock: MockVenue): Promise<ServedVenue> {
  const open = new Set<WebSocket>()
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', async () => {
      const { method = 'GET', url = '/', headers } = incoming
      const body = method === 'GET' || method === 'HEAD' ? null : Buffer.concat(chunks)
      const request = new Request(`http://${headers.host ?? 'venue'}${url}`, {
        method,
        headers: plain(headers),
        body,
      })
      const response = await mock.fetch(request)
      outgoing.writeHead(response.status, Object.fromEntries(response.headers))
      outgoing.end(Buffer.from(await response.arrayBuffer()))
    })
  })
  const sockets = new WebSocketServer({ noServer: true })
  server.on('upgrade', (incoming, socket, head) => {
    const { pathname, search } = new URL(incoming.url ?? '/', 'http://venue')
    let ws: WebSocket | undefined
    const early: (() => void)[] = []
    const whenOpen = (run: (ws: WebSocket) => void) =>
      ws === undefined ? early.push(() => ws !== undefined && run(ws)) : run(ws)
    const session = mock.socketPaths.includes(pathname)
      ? mock.connect(
          { path: pathname, query: search.slice(1), headers: plain(incoming.headers) },
          {
            send: (text) => whenOpen((open) => open.send(text)),
            ping: (payload) => whenOpen((open) => open.ping(payload)),
            close: (code, reason) => whenOpen((open) => open.close(code, reason)),
            buffered: () => ws?.bufferedAmount ?? 0,
          },
        )
      : { status: 404, body: 'no socket here' }
    if ('status' in session) {
      socket.end(
        `HTTP/1.1 ${session.status} Refused\r\ncontent-length: ${Buffer.byteLength(session.body)}\r\nconnection: close\r\n\r\n${session.body}`,
      )
      return
    }
    sockets.handleUpgrade(incoming, socket, head, (opened) => {
      ws = opened
      open.add(opened)
      opened.on('message', (data) => session.message(data.toString()))
      opened.on('close', () => {
        open.delete(opened)
        session.closed()
      })
      // A peer that vanishes is a close like any other.
      opened.on('error', () => opened.terminate())
      for (const run of early) run()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    socketUrl: `ws://127.0.0.1:${port}`,
    close: async () => {
      for (const ws of open) ws.terminate()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await mock.close()
    },
  }
}

function plain(headers: NodeJS.Dict<string | string[]>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
    ),
  )
}
