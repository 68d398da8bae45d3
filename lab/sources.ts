/**
 * Reads what a machine's apt sources say, in both of their formats (sources.list(5)): one line a source, or deb822
 * paragraphs. Pure; it finds the mirror that a Debian machine already uses.
 */

export type AptSource = Readonly<{ uri: string; suite: string }>

const LAST_SLASH = /\/$/

/** `deb [options] uri suite component…`. */
export function parseOneLine(text: string): AptSource[] {
  return text.split('\n').flatMap(line => {
    const [, uri, suite] = /^\s*deb\s+(?:\[[^\]]*\]\s*)?(\S+)\s+(\S+)/.exec(line.replace(/#.*/, '')) ?? []
    return uri !== undefined && suite !== undefined ? [{ uri, suite }] : []
  })
}

/** Paragraphs of `Types:`, `URIs:`, `Suites:`; a line that starts with a blank goes on with the field before it. */
export function parseDeb822(text: string): AptSource[] {
  const withoutComments = text.replace(/^#.*\n?/gm, '')
  return withoutComments.split(/\n\s*\n/).flatMap(paragraph => {
    const words = (field: string) => wordsOf(paragraph, field)
    if (!words('types').includes('deb') || words('enabled')[0] === 'no') return []
    return words('uris').flatMap(uri => words('suites').map(suite => ({ uri, suite })))
  })
}

function wordsOf(paragraph: string, field: string): string[] {
  const found = new RegExp(`^${field}:((?:.*)(?:\\n[ \\t].*)*)`, 'im').exec(paragraph)
  return (found?.[1] ?? '').split(/\s+/).filter(Boolean)
}

/**
 * The archive that serves the release this machine runs (`codename` of os-release). Third parties' sources name other
 * suites or other paths; security and updates live elsewhere or under longer suite names.
 */
export function mirrorOf(sources: readonly AptSource[], codename: string): string | undefined {
  const archives = sources.filter(({ uri, suite }) => /^https?:/.test(uri) && suite === codename)
  const named = archives.find(({ uri }) => /\/debian\/?$/.test(uri)) ?? archives[0]
  return named?.uri.replace(LAST_SLASH, '')
}

/** The mirror that debootstrap takes when none is given. */
export function debootstrapMirror(script: string): string | undefined {
  return /^\s*DEF_MIRROR="?(https?:[^"\s]+)"?/m.exec(script)?.[1]?.replace(LAST_SLASH, '')
}
