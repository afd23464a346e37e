// Catches: lines of a job's log that name the wrong operator, or none.
import { expect, test } from 'vitest';
import { type LogLine, logMessageCharactersMax, parseLogLine } from '../../src/base/log-line.ts';
import { type Collector, defineJob, mapState, outputTag } from '../../src/index.ts';
import { structuredConsole } from '../../src/runtime/structured-console.ts';
import { collectSink, fromElements, simulateJob } from '../../src/testing/index.ts';

let lines: LogLine[] = [];
const log = structuredConsole({
  clock: { now: () => 0, sleep: () => Promise.resolve() },
  write: (line) => lines.push(parseLogLine(line)!),
});

const late = outputTag<number>('late');

/** Every operator says its own name, before and after what it emits has gone through the operators behind it. */
const job = defineJob({
  name: 'talkative',
  build(env) {
    const numbers = env
      .fromSource(fromElements([1, 2, 3, 4, 5, 6]), {
        timestamp(element) {
          log.log('numbers');
          return element;
        },
      })
      .uid('numbers')
      .map((element) => {
        log.log('first');
        return element;
      })
      .uid('first')
      .setParallelism(1)
      .flatMap((element: number, out: Collector<number>) => {
        log.log('second');
        out.collect(element);
        log.log('second');
      })
      .uid('second')
      .setParallelism(1);
    const branch = numbers
      .process({
        onElement(element: number, { output }, out: Collector<number>) {
          log.log('left');
          out.collect(element);
          output(late, element);
          log.log('left');
        },
      })
      .uid('left')
      .setParallelism(1);
    branch
      .getSideOutput(late)
      .filter(() => {
        log.log('side');
        return true;
      })
      .uid('side')
      .setParallelism(1)
      .sinkTo(collectSink());
    const right = numbers
      .map({
        open: () => log.log('right'),
        map(element) {
          log.log('right');
          return element;
        },
      })
      .uid('right')
      .setParallelism(1);
    branch
      .keyBy((element) => element)
      .connect(right.keyBy((element) => element))
      .process({
        state: { seen: mapState<number, number>() },
        onElement1: (_element, { timers }) => {
          log.log('joined');
          timers.registerEventTimeTimer(2);
        },
        onElement2: () => log.log('joined'),
        onTimer: (_time, _context, out: Collector<number>) => {
          log.log('joined');
          out.collect(0);
          log.log('joined');
        },
      })
      .uid('joined')
      .map((element) => {
        log.log('last');
        return element;
      })
      .uid('last')
      .sinkTo(collectSink());
  },
});

test('a line names the operator whose code wrote it, wherever in the chain and whatever ran in between', async () => {
  lines = [];
  const { status } = await simulateJob(job, { parallelism: 2 });
  expect(status).toBe('FINISHED');
  const names = ['numbers', 'first', 'second', 'left', 'side', 'right', 'joined', 'last'];
  expect([...new Set(lines.map(({ message }) => message))].sort()).toEqual([...names].sort());
  expect(lines.filter(({ message, operator }) => message !== operator)).toEqual([]);
});

test('a line names job, attempt, slot and subtask', async () => {
  lines = [];
  const { jobId } = await simulateJob(job, { parallelism: 2 });
  const joined = lines.filter(({ operator }) => operator === 'joined');
  expect(new Set(joined.map(({ slot, subtask }) => `${slot}/${subtask}`))).toEqual(new Set(['0/0', '1/1']));
  expect(lines.filter((line) => line.jobId !== jobId || line.checkpoint === undefined || line.attempt === undefined)).toEqual([]);
});

test('a line has the level of the method, one line for each call, and what Node makes of the words', () => {
  lines = [];
  log.debug('a %d', 1);
  log.warn({ b: [1, 2] });
  log.error('c\nd');
  log.table([{ x: 1 }]);
  log.group('e');
  log.info('f');
  log.groupEnd();
  expect(lines.map(({ level, message }) => [level, message])).toEqual([
    ['DEBUG', 'a 1'],
    ['WARN', '{ b: [ 1, 2 ] }'],
    ['ERROR', 'c\nd'],
    ['INFO', expect.stringContaining('│ x │')],
    ['INFO', 'e'],
    ['INFO', '  f'],
  ]);
  expect(lines[0]).toEqual({ time: '1970-01-01T00:00:00.000Z', level: 'DEBUG', message: 'a 1' });
});

test('a line that is too long loses its end, and says so', () => {
  lines = [];
  log.log('x'.repeat(logMessageCharactersMax + 7));
  expect(lines[0]!.message).toMatch(/^x+\.\.\. \(7 more characters\)$/);
});

test('only lines of its own kind are read as such', () => {
  for (const text of ['', 'Debugger attached.', '{"a":1}', '{"time":"x","level":"LOUD","message":"m"}', '{'])
    expect(parseLogLine(text)).toBeUndefined();
});
