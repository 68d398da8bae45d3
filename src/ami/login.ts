/** How every session of AMI begins. Touches the connection that it is handed. */
import type { Connection } from './connection.js'

export type AmiLogin = {
  user: string
  secret: string
  /** How long the PBX has to answer an action. */
  replyWithinMs: number
}

/** The PBX has heard us and says no; anything else that goes wrong is an Error of another kind. */
export class LoginRefused extends Error {}

/** Sends the secret as it is: it travels only over loopback or TLS. Rejects when the session is not to be had. */
export async function logIn(connection: Connection, login: AmiLogin, events: 'on' | 'off', actionId: string) {
  const { user, secret, replyWithinMs } = login
  const fields = [['Username', user], ['Secret', secret], ['Events', events]] as const // prettier-ignore
  const reply = await connection.ask('Login', fields, actionId, replyWithinMs)
  if (!reply.ok) throw new Error(`no login: ${await Promise.race([connection.closed, Promise.resolve(reply.error)])}`)
  const { response } = reply.value
  if (response.name !== 'Success')
    throw new LoginRefused(`login refused: ${response.get('Message') ?? 'no reason given'}`)
}
