/** What a lab cannot do here, said in one line for whoever started it. Pure. */

const COMPOSE = '`docker compose up` (compose.yaml) starts the same PBX in containers'

/** The message is meant to be shown as it is, without a stack. */
export class LabUnavailable extends Error {
  override name = 'LabUnavailable'
}

export const toolMissing = (tool: string) =>
  new LabUnavailable(`The lab is made of Debian packages and this machine has no ${tool}; ${COMPOSE}.`)

export const architectureUnknown = (architecture: string) =>
  new LabUnavailable(`The lab runs on amd64 and arm64, not on ${architecture}; ${COMPOSE}.`)
