/**
 * Shows what happens, as it happens: `node examples/watch-events.mjs`. Takes the snapshot first and goes on from its cursor,
 * so nothing is missed in between; after a disconnect it goes on from the last event it saw. Reads where the API is from
 * .aladdin/run.json, which `npm start` writes, or from ALADDIN_API and ALADDIN_KEY.
 */
import { readFileSync } from 'node:fs'
import { WebSocket } from 'ws'

const { ALADDIN_API, ALADDIN_KEY } = process.env
const run = ALADDIN_API
  ? { api: ALADDIN_API, key: ALADDIN_KEY }
  : JSON.parse(readFileSync(new URL('../.aladdin/run.json', import.meta.url), 'utf8'))
const headers = { authorization: `Bearer ${run.key}` }

const snapshot = await (await fetch(`${run.api}/v1/snapshot`, { headers })).json()
console.log(`${snapshot.calls.length} live calls`)
let { cursor } = snapshot

function watch() {
  const socket = new WebSocket(`${run.api.replace('http', 'ws')}/v1/events?after=${cursor}`, { headers })
  socket.on('message', text => {
    const event = JSON.parse(text)
    cursor = event.cursor
    console.log(line(event))
  })
  socket.on('error', error => console.error(error.message))
  socket.on('close', () => setTimeout(watch, 1_000))
}

function line({ time, type, data }) {
  const { call } = data
  if (!call) return `${time}  ${type.padEnd(13)}  ${about(data)}`
  const result = call.outcome ? `  ${call.outcome}, talked ${call.talkedMs} ms` : ''
  return `${time}  ${type.padEnd(13)}  ${call.from.number} -> ${call.to.number}  ${call.id}${result}`
}

/** The other events carry the whole agent, queue, extension and so on. */
function about({ agent, queue, extension, alarm, item, callBack, message, change, pbx, link }) {
  if (agent) return `${agent.name} (${agent.id})  ${agent.state}${agent.extension ? ` at ${agent.extension}` : ''}`
  if (queue) return `${queue.id}  ${queue.waiting.length} wait, ${queue.counts.ready} ready`
  if (extension) return `${extension.id}  ${extension.phone ?? 'unknown'}`
  if (alarm) return `${alarm.id}  ${alarm.value}, threshold ${alarm.threshold}`
  if (item) return `${item.party.number}  ${item.state}  ${item.id}`
  if (callBack) return `${callBack.party.number}  ${callBack.state}  ${callBack.id}`
  if (message) return `${message.from.number}  ${message.state}  box ${message.box}  ${message.id}`
  if (change) return `${change.kind} ${change.entry}`
  return `${pbx}  ${link}`
}

watch()
