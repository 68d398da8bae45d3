/** Whether what a store gives back is a call: whoever edits a store by hand must not stop a daemon. Pure. */
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import type { Call } from './state.js'

const Text = Type.String()
const Time = Type.Number()
const Party = Type.Object({ number: Text, extension: Type.Optional(Text) })

/** What the reducers and the view rely on; what else there is, they pass on. */
const Stored = Type.Object({
  id: Text,
  pbx: Text,
  direction: Text,
  from: Party,
  to: Party,
  startedAt: Time,
  revision: Type.Integer({ minimum: 0 }),
  legs: Type.Array(Type.Object({ id: Text, name: Text, kind: Text, side: Text, state: Text, startedAt: Time })),
  offers: Type.Array(Type.Object({ leg: Text, startedAt: Time })),
  segments: Type.Array(Type.Object({ kind: Text, startedAt: Time })),
  progress: Type.Object({ state: Type.Enum(['started', 'ringing', 'talking', 'ended']) }),
})

/** `id`: the name under which it was stored. */
export const isStoredCall = (value: unknown, id: string): value is Call => Value.Check(Stored, value) && value.id === id
