/** To be imported first: what the job's file prints when it is loaded is a line of the log too. */
import { systemClock } from '../src/base/clock.ts';
import { installStructuredConsole } from '../src/runtime/structured-console.ts';

// From now on, what is written to the console is a line of JSON on standard output, which is where functions' logs come from.
installStructuredConsole({ clock: systemClock, write: (line) => void process.stdout.write(`${line}\n`) });
