/**
 * Door `papervenue`: a sandbox inside a process of your own.
 *
 * @module
 */

export type { Profile, ProfileName } from './adversary/profile.js'
export { profiles } from './adversary/profile.js'
export { type Control, controlOf } from './control/actions.js'
export type {
  Desk,
  DeskEvent,
  FillRow,
  GraphResponse,
  OrderIntent,
  OrderRow,
  OrderStatus,
  PositionInput,
  PositionKind,
  PositionRow,
  Preview,
  Principal,
} from './desk/contract.js'
export { DeskError } from './desk/contract.js'
export { formatDecimal, parseDecimal } from './engine/decimal.js'
export type { Depth, Level } from './engine/depth.js'
export type { Instrument } from './engine/instrument.js'
export { PRICE_SCALE, QTY_SCALE } from './engine/units.js'
export { FaultError, type FaultInput } from './fault/kinds.js'
export {
  createSandbox,
  type Sandbox,
  type SandboxAccount,
  type SandboxOptions,
  type SandboxVenue,
} from './sandbox.js'
export {
  type ClientHands,
  type ClientScript,
  defineClient,
  noAnswer,
  type VenueWire,
} from './scenario/client.js'
export type { Hands } from './scenario/hands.js'
export {
  defineScenario,
  type Scenario,
  ScenarioError,
  type ScenarioInput,
} from './scenario/scenario.js'
export { JsonNumber, parseJson, stringifyJson } from './wire/json.js'
export { type ManualClock, manualClock } from './world/clock.js'
