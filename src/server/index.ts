/**
 * Door `papervenue/server`: a server inside a process of your own.
 *
 * @module
 */

export { type ServeFlags, type ServeOptions, serveOptions } from './options.js'
export { type RunningServer, serve } from './serve.js'
export { UsageError } from './usage-error.js'
