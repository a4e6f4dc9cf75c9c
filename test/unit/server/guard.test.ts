import { expect, test } from 'vitest'
import { type Caller, controlRefusal } from '../../../src/server/guard.js'

const local: Caller = {
  address: '127.0.0.1',
  host: 'localhost:50052',
  origin: undefined,
  authorization: undefined,
}
const loopback = { admin_token: undefined, bound_to: '127.0.0.1' }
const token = 'a-long-enough-admin-token'

test('a caller on this machine that names this machine may control', () => {
  for (const host of ['localhost', '127.0.0.1:50052', '[::1]:50052']) {
    expect(controlRefusal({ ...local, host }, loopback)).toBeUndefined()
  }
  expect(controlRefusal({ ...local, address: '::ffff:127.0.0.1' }, loopback)).toBeUndefined()
  const origin = 'http://localhost:50052'
  expect(controlRefusal({ ...local, origin }, loopback)).toBeUndefined()
})

test('another machine may not', () => {
  expect(controlRefusal({ ...local, address: '192.168.1.7' }, loopback)).toMatch(/loopback only/)
  expect(controlRefusal({ ...local, address: undefined }, loopback)).toMatch(/loopback only/)
})

test('a name that was pointed at this machine may not', () => {
  for (const host of ['evil.example', 'evil.example:50052', '127.0.0.1.evil.example', '']) {
    expect(controlRefusal({ ...local, host }, loopback)).toMatch(/does not answer under the name/)
  }
})

test('a page of another site may not', () => {
  for (const origin of ['https://evil.example', 'null', 'http://127.0.0.1.evil.example']) {
    expect(controlRefusal({ ...local, origin }, loopback)).toMatch(/pages of other sites/)
  }
})

test('on another address only the admin token opens control', () => {
  const remote = { admin_token: token, bound_to: '0.0.0.0' }
  expect(controlRefusal(local, remote)).toMatch(/admin token/)
  const wrong = { ...local, authorization: `Bearer ${token}x` }
  expect(controlRefusal(wrong, remote)).toMatch(/admin token/)
  const right = { ...local, address: '10.0.0.9', host: 'box', authorization: `Bearer ${token}` }
  expect(controlRefusal(right, remote)).toBeUndefined()
})
