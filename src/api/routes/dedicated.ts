/** `/v1/dedicated`: which agents callers have of their own. */
import { DedicatedAskedSchema, type DedicatedAsked } from '../../events/dedicated.js'
import type { Pbxs } from '../ports.js'
import type { Api } from '../server.js'
import { listedRoutes } from './listed.js'

export const dedicatedRoutes = (api: Api, pbxs: Pbxs) =>
  listedRoutes<DedicatedAsked>(api, pbxs, {
    name: 'dedicated',
    about: 'Which agents and workgroups callers have of their own',
    right: 'dedicate',
    asked: DedicatedAskedSchema,
    shown: 'DedicatedEntry',
    of: ({ engine }) => engine.dedicated,
  })
