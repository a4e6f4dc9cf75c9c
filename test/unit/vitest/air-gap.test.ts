import dgram from 'node:dgram'
import dns from 'node:dns'
import { lookup } from 'node:dns/promises'
import http from 'node:http'
import http2 from 'node:http2'
import net from 'node:net'
import tls from 'node:tls'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  type AirGap,
  AirGapError,
  closeAirGap,
  isLoopbackName,
} from '../../../src/vitest/air-gap.js'

let gap: AirGap
beforeEach(() => {
  gap = closeAirGap()
})
afterEach(() => gap.open())

test('a connection beyond this machine throws at its caller, and the stack names it', () => {
  function theOffender(): void {
    net.connect({ host: '192.0.2.1', port: 443 })
  }
  expect(theOffender).toThrow(AirGapError)
  expect(gap.offences[0]?.stack).toContain('theOffender')
  expect(gap.offences[0]?.message).toContain('192.0.2.1:443')
})

test('fetch fails and is written down even when its caller swallows the error', async () => {
  await fetch('http://198.51.100.7/').catch(() => undefined)
  expect(gap.offences).toHaveLength(1)
})

test('a look-up of a foreign name is refused, however it was imported', async () => {
  expect(() => dns.lookup('example.com', () => undefined)).toThrow(AirGapError)
  await expect((async () => lookup('example.org'))()).rejects.toThrow(AirGapError)
  expect(gap.offences.map(({ message }) => message.split(':')[0])).toEqual([
    'a look-up of example.com',
    'a look-up of example.org',
  ])
})

test('fetch names its caller, and rejects as fetch does', async () => {
  async function theOffender(): Promise<void> {
    await fetch('https://example.com/prices').catch(() => undefined)
  }
  await theOffender()
  expect(gap.offences[0]?.message).toContain('a request to example.com')
  expect(gap.offences[0]?.stack).toContain('theOffender')
})

test.each<[string, () => unknown, RegExp]>([
  ['net', () => net.connect(443, '192.0.2.1'), /connection to 192\.0\.2\.1:443/],
  ['tls', () => tls.connect(443, '192.0.2.1'), /connection to 192\.0\.2\.1:443/],
  ['http2', () => http2.connect('https://192.0.2.1'), /connection to 192\.0\.2\.1:443/],
  ['http', () => http.get('http://192.0.2.1'), /connection to 192\.0\.2\.1:80/],
  ['dgram', () => udp((socket) => socket.send('8.8.8.8', 53, '192.0.2.1')), /datagram to 192/],
  ['dgram by name', () => udp((socket) => socket.send('x', 53, 'example.com')), /to example\.com/],
  ['dgram connect', () => udp((socket) => socket.connect(53, '192.0.2.1')), /datagram to 192/],
  ['dns.resolveMx', () => dns.resolveMx('example.com', () => undefined), /look-up of example/],
  ['dns.reverse', () => dns.reverse('192.0.2.1', () => undefined), /look-up of 192\.0\.2\.1/],
  ['dns.Resolver', () => new dns.Resolver().resolve4('example.com', () => undefined), /look-up of/],
  ['dns.promises', () => dns.promises.resolve('example.com'), /look-up of example\.com/],
  ['its Resolver', () => new dns.promises.Resolver().resolve4('example.com'), /look-up of/],
])(
  '%s beyond this machine is refused, and the stack names who reached',
  async (_, reach, words) => {
    async function theOffender(): Promise<void> {
      await reach()
    }
    await expect(theOffender()).rejects.toThrow(AirGapError)
    expect(gap.offences.map(({ message }) => message)).toEqual([expect.stringMatching(words)])
    expect(gap.offences[0]?.stack).toContain('theOffender')
  },
)

function udp(act: (socket: dgram.Socket) => void): void {
  const socket = dgram.createSocket('udp4')
  try {
    act(socket)
  } finally {
    socket.close()
  }
}

test('this machine may be reached', async () => {
  const server = net.createServer((socket) => socket.end('hello'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as net.AddressInfo
  const text = await new Promise<string>((resolve, reject) => {
    net
      .connect(port, '127.0.0.1')
      .on('data', (data) => resolve(data.toString()))
      .on('error', reject)
  })
  server.close()
  expect(text).toBe('hello')
  expect(gap.offences).toEqual([])
})

test('two guards are independent, and the last one to open frees the network', () => {
  const second = closeAirGap()
  expect(() => net.connect(80, '192.0.2.1')).toThrow(AirGapError)
  second.open()
  expect(net.Socket.prototype.connect.name).toBe('patched')
  gap.open()
  expect(net.Socket.prototype.connect.name).not.toBe('patched')
  expect([gap.offences.length, second.offences.length]).toEqual([1, 1])
})

test.each([
  ['localhost', true],
  ['api.localhost', true],
  ['127.0.0.1', true],
  ['127.8.8.8', true],
  ['[::1]', true],
  ['::ffff:127.0.0.1', true],
  ['127.0.0.1.example.com', false],
  ['10.0.0.1', false],
  ['localhost.example.com', false],
])('%s is of this machine: %s', (host, own) => {
  expect(isLoopbackName(host)).toBe(own)
})
