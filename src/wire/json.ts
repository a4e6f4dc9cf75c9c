/**
 * JSON: exact both ways. Integers of any size go out as plain literals and come in as `bigint`.
 *
 * Parsing keeps the text of every number: a `JsonNumber` knows its digits, so money is read from what
 * was written and never from a float. Duplicate keys with different values and text nested deeper than
 * 64 levels are refused; keys such as `__proto__` are plain data.
 *
 * @module
 */

import { LosslessNumber } from 'lossless-json'

/** A number as written, e.g. `0.29` or `100000000000000000`. */
export class JsonNumber extends LosslessNumber {}
