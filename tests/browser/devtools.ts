/** The Chrome DevTools Protocol over a WebSocket: commands, answers and events of one session. */

/** The parameters of an event. */
// deno-lint-ignore no-explicit-any -- the messages of the protocol have no types here
export type Params = Record<string, any>;

/** The time limit of a command; a slower one hangs. */
const COMMAND_LIMIT_MILLISECONDS = 240_000;

interface Waiting {
  readonly resolve: (result: Params) => void;
  readonly reject: (error: Error) => void;
}

export class DevTools {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners = new Map<string, (params: Params) => void>();
  #commands = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.onmessage = ({ data }): void => this.#receive(JSON.parse(data));
    socket.onclose = (): void => {
      for (const { reject } of this.#waiting.values()) reject(new Error("Chromium has closed the connection"));
    };
  }

  static async connect(url: string): Promise<DevTools> {
    const socket = new WebSocket(url);
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = (): void => reject(new Error("Cannot connect to Chromium"));
    });
    return new DevTools(socket);
  }

  /** @throws {Error} If Chromium refuses the command, ends or does not answer. */
  async send(method: string, params: Params = {}, sessionId?: string): Promise<Params> {
    const id = ++this.#commands;
    const { promise, resolve, reject } = Promise.withResolvers<Params>();
    const timer = setTimeout(() => reject(new Error(`Chromium did not answer ${method}`)), COMMAND_LIMIT_MILLISECONDS);
    this.#waiting.set(id, { resolve, reject });
    try {
      this.#socket.send(JSON.stringify({ id, method, params, sessionId }));
      return await promise;
    } catch (error) {
      throw new Error(`${method}: ${(error as Error).message}`, { cause: error });
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(id);
    }
  }

  /** Calls the listener for each event of a name. */
  on(method: string, sessionId: string, listener: (params: Params) => void): void {
    this.#listeners.set(`${sessionId} ${method}`, listener);
  }

  async close(): Promise<void> {
    if (this.#socket.readyState === WebSocket.CLOSED) return;
    const closed = new Promise((resolve) => this.#socket.addEventListener("close", resolve, { once: true }));
    this.#socket.close();
    await closed;
  }

  #receive({ id, method, params, sessionId, result, error }: Params): void {
    if (method !== undefined) return this.#listeners.get(`${sessionId} ${method}`)?.(params);
    if (error === undefined) this.#waiting.get(id)?.resolve(result);
    else this.#waiting.get(id)?.reject(new Error(error.message));
  }
}
