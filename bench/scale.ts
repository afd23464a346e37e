/**
 * What an epoch asks of the services, by subtasks and slots: `npm run bench:scale`, `-- --json`. Counted in a simulation, where
 * every request is known; nothing is timed.
 */
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { countEpochs, type EpochOptions } from './scale/count-epochs.ts';
import { requestDollars } from './scale/request-dollars.ts';

const { values } = parseArgs({ options: { json: { type: 'boolean' } } });
const small = { recordsPerSubtask: 20, paddingBytes: 0 };
const large = { recordsPerSubtask: 40, paddingBytes: 1_000 };
const runs: readonly EpochOptions[] = [
  { parallelism: 4, slots: 4, ...small },
  { parallelism: 32, slots: 32, ...small },
  { parallelism: 40, slots: 40, ...small },
  { parallelism: 41, slots: 41, ...small },
  { parallelism: 100, slots: 100, ...small },
  { parallelism: 1_000, slots: 250, ...small },
  { parallelism: 4, slots: 4, ...large },
  { parallelism: 40, slots: 40, ...large },
  { parallelism: 100, slots: 100, ...large },
];

const number = (value: number): string => Math.round(value).toLocaleString('en');
const table = new Table({
  head: [
    'subtasks',
    'slots',
    'outputs',
    'calls',
    'runs',
    'record writes',
    'write units',
    'record reads',
    'read units',
    'PUTs',
    'GETs',
    '$',
  ],
});
const measured = [];
Error.stackTraceLimit = 0;
for (const run of runs) {
  const counted = await countEpochs(run);
  const dollars = requestDollars(counted);
  measured.push({ ...run, ...counted, dollars });
  const { calls, recordWrites, writeUnits, recordReads, readUnits, objectPuts, objectGets } = counted;
  table.push([
    `2 x ${run.parallelism}`,
    run.slots,
    run.paddingBytes === 0 ? 'small' : 'large',
    ...[calls, counted.runs, recordWrites, writeUnits, recordReads, readUnits, objectPuts, objectGets].map(number),
    dollars.toFixed(6),
  ]);
}
process.stdout.write(values.json === true ? `${JSON.stringify(measured)}\n` : `${table.toString()}\n`);
