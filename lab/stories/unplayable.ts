/** Stories that a profile or a version of Asterisk cannot play, each with its reason. docs/field.md shows the same. Pure. */
import type { ProfileName } from '../profiles.js'
import type { AsteriskVersion } from '../recipe.js'

export type Unplayable = Readonly<{
  /** The beginning of the names of the stories. */
  stories: string
  profile?: ProfileName
  asterisk?: AsteriskVersion
  reason: string
}>

export const UNPLAYABLE: readonly Unplayable[] = [
  { stories: 'field-', profile: 'plain', reason: 'the dialplan of the plain PBX has none of these numbers' },
  { stories: 'field-macro-', asterisk: '22', reason: 'macros, and with them M() of Dial, are gone since Asterisk 21' },
]

type Place = Readonly<{ profile: ProfileName; asterisk: AsteriskVersion }>

/** Why a story cannot be played there; nothing where it can. */
export const whyUnplayable = (story: string, place: Place): string | undefined =>
  UNPLAYABLE.find(
    ({ stories, profile = place.profile, asterisk = place.asterisk }) =>
      story.startsWith(stories) && profile === place.profile && asterisk === place.asterisk,
  )?.reason
