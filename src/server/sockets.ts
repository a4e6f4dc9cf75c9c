/**
 * Sockets: WebSocket upgrades of a Node server, carried to sessions that know nothing of sockets.
 *
 * A refused handshake answers plain HTTP with the session's status and body. A client that reads too
 * slowly is cut off rather than buffered for without end.
 *
 * @module
 */

import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { SocketPeer, SocketRefusal, SocketRequest, SocketSession } from '../venue/contract.js'

export type Connect = (
  request: SocketRequest,
  peer: SocketPeer,
) => Promise<SocketSession | SocketRefusal>

/** Bytes of one message from a client. */
const MESSAGE_MAX = 1024 * 1024
/** Bytes waiting for a slow reader before it is cut off. */
const BACKLOG_MAX = 32 * 1024 * 1024

/** Serves upgrades of `server` through `connect`; the answer closes every socket. */
export function serveSockets(server: Server, connect: Connect): () => void {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MESSAGE_MAX,
    clientTracking: true,
  })

  server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    stream.on('error', () => stream.destroy())
    const peer = new LatePeer(stream)
    connect(requestOf(request), peer).then(
      (answer) => {
        if ('status' in answer) {
          refuse(stream, answer)
          return
        }
        sockets.handleUpgrade(request, stream, head, (socket) => serve(socket, answer, peer))
        // The handshake itself may fail (a malformed key): then nobody will ever speak here.
        if (stream.destroyed && !peer.attached) answer.closed()
      },
      () => refuse(stream, { status: 500, body: '' }),
    )
  })

  return () => {
    for (const socket of sockets.clients) socket.terminate()
    sockets.close()
  }
}

/**
 * What a session writes before the handshake is done waits for it. What it writes in one turn leaves in one
 * write: a feed that tells hundreds of sockets many things at once spends its time in system calls otherwise.
 */
class LatePeer implements SocketPeer {
  readonly #stream: Duplex
  #corked = false
  #socket: WebSocket | undefined
  #waiting: ((socket: WebSocket) => void)[] = []

  constructor(stream: Duplex) {
    this.#stream = stream
  }

  /** Bytes the client has not taken yet. */
  buffered(): number {
    return this.#socket?.bufferedAmount ?? 0
  }

  get attached(): boolean {
    return this.#socket !== undefined
  }

  attach(socket: WebSocket): void {
    this.#socket = socket
    for (const run of this.#waiting) run(socket)
    this.#waiting = []
  }

  send(text: string): void {
    this.#run((socket) => {
      if (socket.readyState !== socket.OPEN) return
      if (socket.bufferedAmount > BACKLOG_MAX) {
        socket.terminate()
        return
      }
      this.#cork()
      this.#stream.write(frameOf(text))
    })
  }

  ping(payload: string): void {
    this.#run((socket) => {
      if (socket.readyState === socket.OPEN) socket.ping(payload)
    })
  }

  close(code: number, reason: string): void {
    // 1005, 1006 and 1015 say that no closing frame came, so none is sent.
    const silent = code === 1005 || code === 1006 || code === 1015
    this.#run((socket) => (silent ? socket.terminate() : socket.close(code, reason)))
  }

  #cork(): void {
    if (this.#corked) return
    this.#corked = true
    this.#stream.cork()
    process.nextTick(() => {
      this.#corked = false
      this.#stream.uncork()
    })
  }

  #run(run: (socket: WebSocket) => void): void {
    if (this.#socket === undefined) this.#waiting.push(run)
    else run(this.#socket)
  }
}

let last: { readonly text: string; readonly frame: Buffer } = { text: '', frame: Buffer.alloc(0) }

/**
 * A text as a whole unmasked frame (RFC 6455, section 5.2). A feed hands the same text to every subscriber
 * in a row, so the last one's frame is kept; framing it anew for each of 200 costs more than all the rest.
 */
function frameOf(text: string): Buffer {
  if (text !== last.text) last = { text, frame: framed(Buffer.from(text)) }
  return last.frame
}

function framed(payload: Buffer): Buffer {
  const { length } = payload
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10)
  head[0] = FIN | TEXT
  head[1] = length < 126 ? length : length < 65_536 ? 126 : 127
  if (head.length === 4) head.writeUInt16BE(length, 2)
  if (head.length === 10) head.writeBigUInt64BE(BigInt(length), 2)
  return Buffer.concat([head, payload])
}

const FIN = 0x80
const TEXT = 0x01

function serve(socket: WebSocket, session: SocketSession, peer: LatePeer): void {
  socket.on('message', (data, isBinary) => {
    if (isBinary) socket.close(1003, 'text is expected')
    else session.message(data.toString())
  })
  socket.on('close', () => session.closed())
  // A protocol error is followed by `close`.
  socket.on('error', () => undefined)
  peer.attach(socket)
}

function requestOf({ url = '/', headers }: IncomingMessage): SocketRequest {
  const at = url.indexOf('?')
  return {
    path: at < 0 ? url : url.slice(0, at),
    query: at < 0 ? '' : url.slice(at + 1),
    headers: Object.fromEntries(
      Object.entries(headers).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
      ),
    ),
  }
}

function refuse(stream: Duplex, { status, body }: SocketRefusal): void {
  const type = body.startsWith('{') || body.startsWith('[') ? 'application/json' : 'text/plain'
  stream.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
      `content-type: ${type}`,
      `content-length: ${Buffer.byteLength(body)}`,
      'connection: close',
      '',
      body,
    ].join('\r\n'),
  )
}
