/**
 * Usage error: a command line, a configuration or an address that cannot work. One line, exit code 2.
 *
 * @module
 */

export class UsageError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'UsageError'
  }
}
