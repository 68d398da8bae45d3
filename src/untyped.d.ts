/** What is used of the packages that bring no types. */
declare module 'asterisk-manager' {
  /** Headers in small letters; several of one name are a list, variables an object. */
  export type Item = Record<string, unknown>
  type Manager = {
    options: { username: string; password: string; events: boolean }
    on(event: 'rawevent', see: (item: Item) => void): void
    on(event: 'error', see: (error: Error) => void): void
    on(event: 'connect' | 'close', see: () => void): void
    emit(event: string, ...args: unknown[]): void
    removeAllListeners(event: string): void
    connect(port: number, host: string): void
    login(done: (refused?: Item) => void): void
    action(fields: Record<string, unknown>): string
    disconnect(): void
    isConnected(): boolean | undefined
  }
  /** With a port it would connect and log in by itself. */
  export default function Manager(port?: null, host?: string): Manager
}

declare module 'ari-client' {
  type Operation = (parameters: Record<string, string>) => PromiseLike<unknown>
  export type Client = {
    asterisk: { getInfo: Operation }
    channels: { hangup: Operation }
    start(app: string): PromiseLike<void>
    stop(): void
    ping(): void
    on(event: '*', see: (event: unknown) => void): void
    on(event: 'WebSocketReconnecting' | 'WebSocketMaxRetries', see: (error?: Error) => void): void
    once(event: 'pong', see: () => void): void
    removeAllListeners(): void
  }
  const ariClient: { connect(url: string, user: string, password: string): PromiseLike<Client> }
  export default ariClient
}
