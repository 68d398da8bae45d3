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
  latestAt: Time,
  revision: Type.Integer({ minimum: 0 }),
  legs: Type.Array(Type.Object({ id: Text, name: Text, kind: Text, side: Text, state: Text, startedAt: Time })),
  offers: Type.Array(Type.Object({ leg: Text, startedAt: Time })),
  segments: Type.Array(Type.Object({ kind: Text, legs: Type.Array(Text), startedAt: Time })),
  queues: Type.Array(Type.Object({ queue: Text, leg: Text, joinedAt: Time })),
  transfers: Type.Array(Type.Object({ kind: Text, by: Text, to: Party, startedAt: Time })),
  survey: Type.Optional(
    Type.Object({ name: Text, leg: Text, questions: Type.Array(Type.Object({ id: Text, times: Type.Number() })) }),
  ),
  walk: Type.Optional(
    Type.Object({
      leg: Text,
      at: Type.Array(Type.Object({ ivr: Text, node: Text })),
      times: Type.Number(),
      keys: Text,
      variables: Type.Record(Text, Text),
      steps: Type.Array(Type.Object({ ivr: Text, node: Text, at: Time })),
    }),
  ),
  pop: Type.Optional(Type.Object({ phones: Type.Array(Type.Object({ leg: Text })) })),
  routing: Type.Optional(Type.Object({ does: Text, because: Type.Array(Type.Object({ rule: Text })) })),
  hangups: Type.Array(Type.Object({ leg: Text, asked: Text })),
  progress: Type.Object({ state: Type.Enum(['started', 'ringing', 'talking', 'ended']) }),
})

/** `id`: the name under which it was stored. */
export const isStoredCall = (value: unknown, id: string): value is Call => Value.Check(Stored, value) && value.id === id
