import { Console } from 'node:console';
import type { Clock } from '../base/clock.ts';
import { formatLogLine, type LogLevel, type LogOrigin } from '../base/log-line.ts';
import { logScope } from '../base/log-scope.ts';
import { isPrinted } from '../stream/print-sink.ts';
import { operatorOnStack } from './operators/operator.ts';

const levelOf: Readonly<Record<string, LogLevel>> = {
  trace: 'TRACE',
  debug: 'DEBUG',
  log: 'INFO',
  info: 'INFO',
  warn: 'WARN',
  error: 'ERROR',
};

export interface StructuredConsoleOptions {
  readonly clock: Clock;
  /** Takes one line of JSON, without a line break. */
  readonly write: (line: string) => void;
}

/**
 * A console whose methods write LogLines, each with the job, attempt, operator and subtask whose code called it. Formatting,
 * groups, tables and timers are Node's.
 */
export function structuredConsole({ clock, write }: StructuredConsoleOptions): Console {
  let level: LogLevel | undefined;
  let print = false;
  const stream = (usual: LogLevel) => ({
    write(text: string) {
      const line = {
        time: new Date(clock.now()).toISOString(),
        level: level ?? usual,
        ...currentLogOrigin(),
        message: text.replace(/\n$/, ''),
      };
      write(formatLogLine(print ? { ...line, print } : line));
      return true;
    },
  });
  const structured = new Console({
    stdout: stream('INFO') as NodeJS.WritableStream,
    stderr: stream('ERROR') as NodeJS.WritableStream,
    ignoreErrors: false,
    colorMode: false,
  });
  for (const [method, methodLevel] of Object.entries(levelOf)) {
    const plain = structured[method as 'log'].bind(structured);
    structured[method as 'log'] = (...words: readonly unknown[]) => {
      const before = { level, print };
      level ??= methodLevel;
      print = isPrinted(words[0]);
      try {
        plain(...words);
      } finally {
        ({ level, print } = before);
      }
    };
  }
  return structured;
}

/** Whose code is running. Costs some microseconds, and nothing until something is logged. */
function currentLogOrigin(): LogOrigin {
  const operator = operatorOnStack();
  return operator === undefined ? logScope() : { ...logScope(), operator };
}

/** Puts the methods in the place of the global console's, for whoever has that already. */
export function installStructuredConsole(options: StructuredConsoleOptions): void {
  Object.assign(console, structuredConsole(options));
}
