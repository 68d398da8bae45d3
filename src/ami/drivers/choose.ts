/** The drivers of AMI by the names that the configuration has for them. */
import { openConnection, type OpenConnection } from '../connection.js'
import { openAsteriskManager } from './asterisk-manager.js'

export type AmiDriver = 'own' | 'asterisk-manager'

const DRIVERS: Record<AmiDriver, OpenConnection> = { own: openConnection, 'asterisk-manager': openAsteriskManager }

export const amiDriver = (name: AmiDriver): OpenConnection => DRIVERS[name]
