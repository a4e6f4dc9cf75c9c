/**
 * Door `papervenue/venue`: the contract of a venue and what a mock venue is built from.
 *
 * @module
 */

export { type CredentialMaker, DEMO_LABEL, demoSecret, venueAdmin } from './admin.js'
export { CALLED_PATH_HEADER, signedPaths } from './called-path.js'
export * from './contract.js'
export { crc32, crc32Bytes } from './crc32.js'
export { type ExchangePort, venueExchange } from './exchange-port.js'
export { type FileJournal, fileJournal, JournalDamaged } from './file-journal.js'
export { type HostOptions, VenueHost } from './host.js'
export type { HostCommand, PlaceInput, Plain, TickLevel } from './host-command.js'
export { idNumber, idText, idUuid } from './ids.js'
export { HostFailed } from './journal-writer.js'
export { HandshakeRefused, loopback } from './loopback.js'
export { type MockParts, mockVenue } from './mock.js'
export { Bucket, type BucketOptions, Buckets } from './rate-limit.js'
export {
  type AccountEvent,
  type FillRecord,
  type OrderRecord,
  Records,
  type Retention,
  type Traded,
} from './records.js'
export type { AccountInfo, Applied, ReducerTools, VenueReducer } from './reducer.js'
export { Session, Sockets, type Subscription } from './sockets.js'
export {
  type Candle,
  candles,
  lastQuotes,
  lastTrades,
  type Range,
  type Stats,
  statsSince,
  type TapeQuote,
  type TapeState,
  type TapeTrade,
} from './tape.js'
