/** Every venue with a wire. The next venue adds a line. */
import { kalshiSubject } from './kalshi.js'
import { krakenSubject } from './kraken.js'
import type { Subject } from './subject.js'

export const subjects: readonly Subject[] = [kalshiSubject, krakenSubject]
