/** What is used of a package that brings no types. */
declare module 'yana' {
  type Options = { host: string; port: number; login: string; password: string; events: boolean }
  export default class Yana {
    constructor(options: Options)
    on(event: 'event', see: (event: Record<string, unknown>) => void): void
    connect(connected: () => void): void
    send(action: Record<string, string>): void
  }
}
