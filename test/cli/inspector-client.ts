/** A client of Node's inspector that does what an editor does: it finds a place in the user's file by the source maps. */
interface Script {
  readonly scriptId: string;
  readonly url: string;
  readonly sourceMapURL: string;
}

export interface Place {
  /** From 0, as the protocol counts. */
  readonly line: number;
  readonly column: number;
}

export interface Paused {
  readonly reason: string;
  readonly hitBreakpoints?: readonly string[];
  readonly data?: Script;
  readonly callFrames: readonly {
    readonly callFrameId: string;
    readonly functionName: string;
    readonly location: { readonly scriptId: string };
  }[];
}

/** An event, or the reply to a command. */
interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

type Listener = (parameters: unknown) => void;

export class InspectorClient {
  readonly #socket: WebSocket;
  readonly #replies = new Map<number, (message: Message) => void>();
  readonly #listeners = new Map<string, Listener[]>();
  #lastId = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener('message', (event) => {
      const message = JSON.parse(String(event.data)) as Message;
      if (message.id !== undefined) this.#replies.get(message.id)?.(message);
      else for (const listener of this.#listeners.get(message.method!)?.splice(0) ?? []) listener(message.params);
    });
  }

  static async connect(url: string): Promise<InspectorClient> {
    const socket = new WebSocket(url);
    await new Promise((resolve, reject) => {
      socket.addEventListener('open', resolve, { once: true });
      socket.addEventListener('error', () => reject(new Error(`No inspector at ${url}.`)), { once: true });
    });
    return new InspectorClient(socket);
  }

  async send<T = unknown>(method: string, params: object = {}): Promise<T> {
    const id = ++this.#lastId;
    const { promise, resolve } = Promise.withResolvers<Message>();
    this.#replies.set(id, resolve);
    this.#socket.send(JSON.stringify({ id, method, params }));
    const { result, error } = await promise;
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result as T;
  }

  /** The next event of its kind. */
  next<T>(method: string): Promise<T> {
    return new Promise((resolve) => {
      const listeners = this.#listeners.get(method) ?? [];
      listeners.push((parameters) => resolve(parameters as T));
      this.#listeners.set(method, listeners);
    });
  }

  /** Sets a breakpoint at a line of a source file, counting from 1, before anything of it runs; and lets the process begin. */
  async breakAt(source: URL, line: number): Promise<string> {
    await this.send('Runtime.enable');
    await this.send('Debugger.enable');
    await this.send('Debugger.setInstrumentationBreakpoint', { instrumentation: 'beforeScriptWithSourceMapExecution' });
    let paused = this.next<Paused>('Debugger.paused');
    await this.send('Runtime.runIfWaitingForDebugger');
    for (;;) {
      const { data } = await paused;
      const place = data === undefined ? undefined : generatedPlace(data, source, line - 1);
      if (data !== undefined && place !== undefined) {
        const { breakpointId } = await this.send<{ breakpointId: string }>('Debugger.setBreakpointByUrl', {
          url: data.url,
          lineNumber: place.line,
          columnNumber: place.column,
        });
        return breakpointId;
      }
      paused = this.next<Paused>('Debugger.paused');
      await this.send('Debugger.resume');
    }
  }

  /** Goes on until the breakpoint is hit. */
  async untilHit(breakpointId: string): Promise<Paused> {
    for (;;) {
      const paused = this.next<Paused>('Debugger.paused');
      await this.send('Debugger.resume');
      const found = await paused;
      if (found.hitBreakpoints?.includes(breakpointId)) return found;
    }
  }

  close(): void {
    this.#socket.close();
  }
}

const inlineMap = /^data:application\/json;base64,(.*)$/;

/** Where a line of a source begins in a script, if the script's map says that it is made of that source. */
function generatedPlace({ url, sourceMapURL }: Script, source: URL, line: number): Place | undefined {
  const [, encoded] = inlineMap.exec(sourceMapURL) ?? [];
  if (encoded === undefined) return undefined;
  const map = JSON.parse(Buffer.from(encoded, 'base64').toString()) as { readonly sources: readonly string[]; readonly mappings: string };
  const index = map.sources.findIndex((each) => new URL(each, url).href === source.href);
  return index === -1 ? undefined : firstMapping(map.mappings, index, line);
}

function firstMapping(mappings: string, source: number, line: number): Place | undefined {
  const at = [0, 0, 0];
  for (const [generatedLine, segments] of mappings.split(';').entries()) {
    let column = 0;
    for (const segment of segments.split(',').filter((each) => each !== '')) {
      const fields = variableLengthNumbers(segment);
      column += fields[0]!;
      if (fields.length < 4) continue;
      for (let i = 0; i < 3; i++) at[i]! += fields[i + 1]!;
      if (at[0] === source && at[1] === line) return { line: generatedLine, column };
    }
  }
  return undefined;
}

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

function variableLengthNumbers(segment: string): readonly number[] {
  const numbers: number[] = [];
  let value = 0;
  let shift = 0;
  for (const character of segment) {
    const digit = digits.indexOf(character);
    value += (digit & 31) << shift;
    shift += 5;
    if ((digit & 32) !== 0) continue;
    numbers.push((value & 1) === 1 ? -(value >> 1) : value >> 1);
    value = 0;
    shift = 0;
  }
  return numbers;
}
