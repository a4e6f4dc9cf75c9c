/**
 * Answer: a venue's own words as an HTTP response.
 *
 * @module
 */

import type { WireAnswer } from '../venue/contract.js'

export const answerOf = ({ status, headers, body }: WireAnswer): Response =>
  new Response(body, { status, headers: { ...headers } })
