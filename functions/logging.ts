import { systemClock } from '../src/base/clock.ts';
import { installStructuredConsole } from '../src/runtime/structured-console.ts';

/** From now on, what is written to the console is a line of JSON on standard output, which is where function logs come from. */
export function logStructured(): void {
  installStructuredConsole({ clock: systemClock, write: (line) => void process.stdout.write(`${line}\n`) });
}
