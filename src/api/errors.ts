/**
 * Errors: the one envelope of every failed call, and the one table from causes to statuses.
 *
 * The codes are the documented closed set: a status without a code of its own (405, 413, 426) carries
 * `BAD_REQUEST`.
 *
 * @see spec section 1.5
 * @module
 */

import { DeskError, type DeskErrorCode } from '../desk/contract.js'
import { EdgeUnavailable } from '../edge/edge.js'

export type ErrorCode =
  | 'BAD_REQUEST'
  | 'INVALID_PARAMS'
  | 'UNAUTHORIZED'
  | 'FORBIDDEN'
  | 'NOT_FOUND'
  | 'CONFLICT'
  | 'VALIDATION_ERROR'
  | 'RATE_LIMITED'
  | 'INTERNAL_ERROR'
  | 'SERVICE_UNAVAILABLE'

export interface ErrorDetail {
  readonly field: string
  readonly message: string
}

export interface ErrorBody {
  error: { code: ErrorCode; message: string; request_id: string; details?: ErrorDetail[] }
}

/** A call that fails: its status, code and words. */
export class ApiError extends Error {
  readonly status: number
  readonly code: ErrorCode
  readonly details: readonly ErrorDetail[]
  readonly headers: Readonly<Record<string, string>>
  constructor(
    status: number,
    code: ErrorCode,
    message: string,
    options: { details?: readonly ErrorDetail[]; headers?: Record<string, string> } = {},
  ) {
    super(message)
    this.name = 'ApiError'
    this.status = status
    this.code = code
    this.details = options.details ?? []
    this.headers = options.headers ?? {}
  }
}

export const badRequest = (message: string) => new ApiError(400, 'BAD_REQUEST', message)

export const invalidParams = (message: string, details: readonly ErrorDetail[] = []) =>
  new ApiError(400, 'INVALID_PARAMS', message, { details })

export const unauthorized = () =>
  new ApiError(401, 'UNAUTHORIZED', 'a valid API key is required: Authorization: Bearer <key>')

export const forbidden = (message: string) => new ApiError(403, 'FORBIDDEN', message)

export const notFound = (message: string) => new ApiError(404, 'NOT_FOUND', message)

export const invalidBody = (details: readonly ErrorDetail[]) =>
  new ApiError(422, 'VALIDATION_ERROR', 'the request body is not valid', { details })

/** The code that goes with a status, where nothing more is known. */
export const codeOf = (status: number): ErrorCode => CODES[status] ?? 'BAD_REQUEST'

const CODES: Readonly<Record<number, ErrorCode>> = {
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  409: 'CONFLICT',
  422: 'VALIDATION_ERROR',
  429: 'RATE_LIMITED',
  500: 'INTERNAL_ERROR',
  503: 'SERVICE_UNAVAILABLE',
}

const DESK_ERRORS = {
  'not-found': { status: 404, code: 'NOT_FOUND' },
  conflict: { status: 409, code: 'CONFLICT' },
  'kill-switch': { status: 409, code: 'CONFLICT' },
  invalid: { status: 422, code: 'VALIDATION_ERROR' },
  unavailable: { status: 503, code: 'SERVICE_UNAVAILABLE' },
} as const satisfies Record<DeskErrorCode, { status: number; code: ErrorCode }>

/**
 * The API's error of anything thrown. What is neither ours nor the desk's is a fault of the server: 500,
 * without its message, which is for the log only.
 */
export function apiErrorOf(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  if (error instanceof DeskError) {
    const { status, code } = DESK_ERRORS[error.code]
    return new ApiError(status, code, error.message, { details: error.details })
  }
  if (error instanceof EdgeUnavailable) {
    return new ApiError(503, 'SERVICE_UNAVAILABLE', error.message)
  }
  return new ApiError(500, 'INTERNAL_ERROR', 'internal error')
}

export function errorBody(error: ApiError, request_id: string): ErrorBody {
  const { code, message, details } = error
  return {
    error: {
      code,
      message,
      request_id,
      ...(details.length > 0 && { details: [...details] }),
    },
  }
}
