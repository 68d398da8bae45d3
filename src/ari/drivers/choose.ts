/** The drivers of ARI by the names that the configuration has for them. */
import { openAriConnection, type OpenAriConnection } from '../connection.js'
import { loadAriClient } from './ari-client.js'

export type AriDriver = 'own' | 'ari-client'

/** Rejects when the driver's package is not installed. */
export const ariDriver = async (name: AriDriver): Promise<OpenAriConnection> =>
  Promise.resolve(name === 'own' ? openAriConnection : loadAriClient())
