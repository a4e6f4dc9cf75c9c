/**
 * Serves one mock venue on a real port, as a venue's own SDK would find it: node `http` and the
 * server's own sockets.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serveSockets } from '../../src/server/sockets.js'
import type { MockVenue } from '../../src/venue/contract.js'

export interface ServedVenue {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string
  /** `ws://127.0.0.1:<port>`. */
  readonly socketUrl: string
  close(): Promise<void>
}

export async function serveVenue(mock: MockVenue): Promise<ServedVenue> {
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
  const closeSockets = serveSockets(server, async (request, peer) =>
    mock.socketPaths.includes(request.path)
      ? mock.connect(request, peer)
      : { status: 404, body: 'no socket here' },
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    socketUrl: `ws://127.0.0.1:${port}`,
    close: async () => {
      closeSockets()
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
