/** Pure: how what functions print reads on a terminal. */
import { type LogLine, parseLogLine } from '../base/log-line.ts';

/** Something that a function printed: a LogLine, or whatever else came, such as Node's last words. */
export interface FunctionOutput {
  readonly functionName: string;
  /** As it was printed. */
  readonly line: string;
  readonly log: LogLine | undefined;
}

export const functionOutput = (functionName: string, line: string): FunctionOutput => ({ functionName, line, log: parseLogLine(line) });

/** `weir-<program>-slot-0` is `slot-0` to its author. */
const shortName = (functionName: string): string => functionName.replace(/^weir-[^-]+-[^-]+-/, '');

const listening = /^Debugger listening on (ws:.*)$/;

/** What Node says of its inspector, in words that say what to do. */
function inspectorLines(slot: string, line: string): readonly string[] | undefined {
  if (line.startsWith('For help, see: https://nodejs.org/')) return [];
  const [, address] = listening.exec(line) ?? [];
  return address === undefined ? undefined : [`[${slot}] waits for a debugger (chrome://inspect, or your editor): ${address}`];
}

/** Lines of text: `delays[1]> ...` for operators, subtasks counting from 0 as in errors; what `print` says as it says it. */
export function outputLines({ functionName, line, log }: FunctionOutput): readonly string[] {
  const inspector = inspectorLines(shortName(functionName), line);
  if (inspector !== undefined) return inspector;
  const lines = (log?.message ?? line).split('\n');
  if (log?.print === true) return lines;
  const prefix =
    log?.operator === undefined ? `[${shortName(functionName)}]` : `${log.operator}${log.subtask === undefined ? '' : `[${log.subtask}]`}>`;
  return lines.map((each) => `${prefix} ${each}`);
}

/** As one object. */
export const outputJson = ({ functionName, line, log }: FunctionOutput): object => ({
  event: 'log',
  ...(log ?? { message: line }),
  function: functionName,
});
