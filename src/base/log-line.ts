/** How loud a line is: the console method that wrote it. */
export type LogLevel = 'TRACE' | 'DEBUG' | 'INFO' | 'WARN' | 'ERROR';

/** What a function's log says about whose code wrote a line. All of it is missing where no job was at work. */
export interface LogOrigin {
  readonly jobId?: string;
  readonly checkpoint?: number;
  readonly attempt?: number;
  readonly slot?: number;
  /** The operator's uid, or its name where it has none. */
  readonly operator?: string;
  readonly subtask?: number;
}

/** One line of a function's log, structured: in AWS it goes to CloudWatch as it is. */
export interface LogLine extends LogOrigin {
  /** As `Date.toISOString` spells it. */
  readonly time: string;
  readonly level: LogLevel;
  /** May have line breaks. */
  readonly message: string;
  /** Of the sink `print`, whose message says itself which subtask it is of. */
  readonly print?: true;
}

/** A longer message loses its end. */
export const logMessageCharactersMax = 65_536;

const levels: ReadonlySet<unknown> = new Set<LogLevel>(['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR']);

/** One line of JSON, without a line break at its end. */
export function formatLogLine(line: LogLine): string {
  const { message } = line;
  const over = message.length - logMessageCharactersMax;
  return JSON.stringify(over <= 0 ? line : { ...line, message: `${message.slice(0, -over)}... (${over} more characters)` });
}

/** Nothing if the text is no such line: functions print others too, as when Node itself has something to say. */
export function parseLogLine(text: string): LogLine | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    const line = JSON.parse(text) as LogLine;
    return typeof line.time === 'string' && levels.has(line.level) && typeof line.message === 'string' ? line : undefined;
  } catch {
    return undefined;
  }
}
