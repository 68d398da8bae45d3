/** Packages and build, and nothing more. */
import { setUp } from './setup.mjs'

setUp()
