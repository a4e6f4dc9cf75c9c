/**
 * Metrics: what operators scrape, in Prometheus' text form.
 *
 * The client library is loaded at the first scrape, so that starting a server does not wait for it;
 * until then observations queue.
 *
 * @module
 */

import type { Histogram, Registry } from 'prom-client'

export interface RequestSeen {
  readonly method: string
  /** Pattern of the route, never the path: ids would make a series each. */
  readonly route: string
  readonly status: number
  readonly seconds: number
}

export interface Metrics {
  request(seen: RequestSeen): void
  /** The exposition text and its content type. */
  scrape(): Promise<{ text: string; type: string }>
}

/** Values read at the moment of a scrape. */
export interface Gauges {
  readonly [name: string]: { readonly help: string; readonly read: () => number }
}

const QUEUE_MAX = 10_000

export function metrics(gauges: Gauges): Metrics {
  let queue: RequestSeen[] = []
  let loaded: Promise<{ registry: Registry; seconds: Histogram }> | undefined

  const load = () => {
    loaded ??= import('prom-client').then(
      ({ Gauge, Histogram, Registry, collectDefaultMetrics }) => {
        const registry = new Registry()
        collectDefaultMetrics({ register: registry })
        const seconds = new Histogram({
          name: 'papervenue_http_request_seconds',
          help: 'Time from request to answer, by route and status',
          labelNames: ['method', 'route', 'status'],
          buckets: [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
          registers: [registry],
        })
        for (const [name, { help, read }] of Object.entries(gauges)) {
          new Gauge({
            name: `papervenue_${name}`,
            help,
            registers: [registry],
            collect() {
              this.set(read())
            },
          })
        }
        return { registry, seconds }
      },
    )
    return loaded
  }

  const drain = async () => {
    const { registry, seconds } = await load()
    const waiting = queue
    queue = []
    for (const { method, route, status, seconds: took } of waiting) {
      seconds.observe({ method, route, status: String(status) }, took)
    }
    return registry
  }

  return {
    request: (seen) => {
      queue.push(seen)
      if (queue.length === QUEUE_MAX) void drain()
    },
    scrape: async () => {
      const registry = await drain()
      return { text: await registry.metrics(), type: registry.contentType }
    },
  }
}
