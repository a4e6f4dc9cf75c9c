/**
 * Keys: the form of an API key, and the slice of the key store the API uses.
 *
 * @see spec section 1.2
 * @module
 */

import type { KeyRepository } from '../store/keys.js'

export type Keys = Pick<
  KeyRepository,
  'authenticate' | 'create' | 'list' | 'rotate' | 'revoke' | 'client'
>

const KEY = /^seq_(?:live|test)_[0-9a-f]{64}$/
const LAX_KEY = /^seq_(?:live|test)_[0-9A-Za-z_-]{1,128}$/

/** Whether a text has the form of a key; `lax` also accepts short fixtures such as `seq_test_demo`. */
export const isKeyText = (text: string, form: 'strict' | 'lax'): boolean =>
  (form === 'strict' ? KEY : LAX_KEY).test(text)
