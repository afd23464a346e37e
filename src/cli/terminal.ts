import { colorsFor } from './colors.ts';
import { hasErrorPage } from './error-pages.ts';
import type { Explanation } from './explain-error.ts';
import { type FunctionOutput, outputJson, outputLines } from './function-output.ts';
import type { ProgressEvent } from './job-progress.ts';
import { progressLine } from './job-progress.ts';

export interface TerminalOptions {
  /** One JSON object per line on standard output instead of text. */
  readonly json: boolean;
}

/**
 * What a command says. Results go to standard output, everything else to standard error. On a terminal the line of the
 * latest checkpoint replaces the one before; elsewhere each has its own line.
 */
export class Terminal {
  readonly #json: boolean;
  /** A progress line without its line break stands there. */
  #open = false;

  constructor(options: TerminalOptions) {
    this.#json = options.json;
  }

  /** A result, as text and as JSON. */
  result(lines: readonly string[], json: object): void {
    this.#finishLine();
    process.stdout.write(this.#json ? `${JSON.stringify(json)}\n` : lines.map((line) => `${line}\n`).join(''));
  }

  /** What is being done, among the results as with Flink's client; not said in JSON. */
  step(line: string): void {
    if (this.#json) return;
    this.#finishLine();
    process.stdout.write(`${line}\n`);
  }

  /** Something worth knowing that is no result; not said in JSON. */
  note(line: string): void {
    if (this.#json) return;
    this.#finishLine();
    process.stderr.write(`${line}\n`);
  }

  progress(event: ProgressEvent, subject: { readonly jobId: string; readonly name: string }): void {
    if (this.#json) {
      process.stdout.write(`${JSON.stringify({ ...event, jobId: subject.jobId })}\n`);
      return;
    }
    const line = progressLine(event, subject);
    if (event.event === 'checkpoint' && process.stdout.isTTY) {
      process.stdout.write(`\r\u001b[2K${fitted(line, process.stdout.columns)}`);
      this.#open = true;
      return;
    }
    this.#finishLine();
    process.stdout.write(`${colored(event, line)}\n`);
  }

  /** What the job printed: results with `print`, notes with the console. */
  output(output: FunctionOutput): void {
    this.#finishLine();
    const stream = this.#json || output.log?.print === true ? process.stdout : process.stderr;
    const lines = this.#json ? [JSON.stringify(outputJson(output))] : outputLines(output);
    stream.write(lines.map((line) => `${line}\n`).join(''));
  }

  error(explanation: Explanation): void {
    this.#finishLine();
    if (this.#json) {
      const { code, message, advice } = explanation;
      process.stdout.write(`${JSON.stringify({ error: { code, message, ...(advice === undefined ? {} : { advice }) } })}\n`);
      return;
    }
    process.stderr.write(`${colorsFor(process.stderr).red('error:')} ${explanation.message}\n`);
    for (const line of explanation.stack) process.stderr.write(`${line}\n`);
    const more = hasErrorPage(explanation.code) ? [colorsFor(process.stderr).dim(`More: weir explain ${explanation.code}`)] : [];
    const last = [...(explanation.advice === undefined ? [] : [explanation.advice]), ...more];
    if (last.length > 0) process.stderr.write(`${last.join(' ')}\n`);
  }

  #finishLine(): void {
    if (this.#open) process.stdout.write('\n');
    this.#open = false;
  }
}

const fitted = (line: string, columns: number): string => (line.length < columns ? line : line.slice(0, Math.max(0, columns - 1)));

function colored(event: ProgressEvent, line: string): string {
  const { yellow, green, red } = colorsFor(process.stdout);
  if (event.event === 'restart' || event.event === 'generation') return yellow(line);
  if (event.event === 'ended') return event.state === 'FINISHED' ? green(line) : red(line);
  return line;
}
