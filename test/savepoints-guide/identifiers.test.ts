// Who has which state in a savepoint: ids of operators, given and generated. Statements of the guide, on running jobs.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { operatorIdOfUid } from '../../src/graph/operator-ids.ts';
import { fromTo, GuideCloud, guideJob, metadataOf, numbersOf, type Stopped, savepointIn, statefulIn, variants } from './guide-cloud.ts';

let cloud: GuideCloud;
let stopped: Stopped;

beforeAll(async () => {
  cloud = await GuideCloud.start();
  stopped = await cloud.stopped([guideJob, '-p', '2', '--', '--rate', '100']);
});

afterAll(() => cloud[Symbol.asyncDispose]());

const operatorsOf = (path: string) => metadataOf(path).vertices.flatMap(({ operators }) => operators);

/** Ids by name, of a job's savepoint. */
async function idsOf(...words: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const jobId = await cloud.submit(variants, ...words);
  await cloud.printedAtLeast(jobId, 1);
  const path = savepointIn(await cloud.good('cancel', '-s', jobId));
  return new Map(operatorsOf(path).map(({ name, operatorId }) => [name, operatorId]));
}

describe('ids', () => {
  test('given by uid are the scope of an operator’s state, whatever the operator is called and wherever it stands', () => {
    const found = operatorsOf(stopped.path);
    expect(found.filter(({ uid }) => uid !== undefined).map(({ uid, operatorId }) => [uid, operatorId])).toEqual([
      ['source-id', operatorIdOfUid('source-id')],
      ['mapper-id', operatorIdOfUid('mapper-id')],
    ]);
  });

  test('are those of the guide’s program: source-id and mapper-id as given, and a generated one for the printing sink', () => {
    const [source, mapper, sink] = operatorsOf(stopped.path);
    expect(source?.operatorId).toBe('bd9c186e89cc37a76d776844dfa8ccba');
    expect(mapper?.operatorId).toBe('c9cecfed5cae9d489451c50e442666e3');
    expect(sink).toMatchObject({ name: 'Sink: Print to Std. Out', operatorId: expect.stringMatching(/^[0-9a-f]{32}$/) });
    expect(sink).not.toHaveProperty('uid');
  });

  test('are generated where none is given, and every operator has one', async () => {
    const ids = await idsOf('--', '--ids', 'generated');
    expect(new Set(ids.values()).size).toBe(ids.size);
    for (const id of ids.values()) expect(id).toMatch(/^[0-9a-f]{32}$/);
  });

  test('that were generated lead a restore as long as they do not change', async () => {
    const before = await cloud.stopped([variants, '-p', '2', '--', '--ids', 'generated', '--count', '2000']);
    const rows = await cloud.resumed(before.path, variants, '-p', '2', '--', '--ids', 'generated', '--count', '2000', '--rate', '5000');
    expect(numbersOf(rows)).toEqual(fromTo(before.rows.length, 2_000));
  });

  test('that were generated depend on the structure of the program: another operator before them changes them', async () => {
    const plain = await idsOf('--', '--ids', 'generated');
    const changed = await idsOf('--', '--ids', 'generated', '--layout', 'totals first');
    const source = 'Source: Custom Source';
    expect(changed.get(source)).toBe(plain.get(source));
    expect(changed.get('Sink: Print to Std. Out')).not.toBe(plain.get('Sink: Print to Std. Out'));
    expect([...plain.values()]).not.toEqual([...changed.values()]);
  });

  test('that were generated change with the chaining too', async () => {
    const one = await idsOf('--', '--ids', 'generated', '--layout', 'in one chain');
    const two = await idsOf('--', '--ids', 'generated', '--layout', 'in two chains');
    expect([...two.keys()]).toEqual([...one.keys()]);
    expect([...two.values()]).not.toEqual([...one.values()]);
  });

  test('may be given to every operator of a chain, not to its first one alone', async () => {
    const before = await cloud.stopped([variants, '--', '--layout', 'in one chain', '--count', '2000']);
    const chain = metadataOf(before.path).vertices.find(({ operators }) => operators.some(({ uid }) => uid === 'mapper-id'));
    expect(chain?.operators[0]?.uid).toBeUndefined();
    const rows = await cloud.resumed(before.path, variants, '--', '--layout', 'in one chain', '--count', '2000', '--rate', '5000');
    expect(numbersOf(rows)).toEqual(fromTo(before.rows.length, 2_000));
    expect(Math.max(...rows.map(({ mapped }) => mapped!))).toBe(2_000);
  });

  test('that were given find their state through another division into chains, made by hand', async () => {
    const before = await cloud.stopped([variants, '--', '--layout', 'in one chain', '--count', '2000']);
    const rows = await cloud.resumed(before.path, variants, '--', '--layout', 'in two chains', '--count', '2000', '--rate', '5000');
    expect(numbersOf(rows)).toEqual(fromTo(before.rows.length, 2_000));
    expect(Math.max(...rows.map(({ mapped }) => mapped!))).toBe(2_000);
  });
});

describe('a savepoint', () => {
  test('maps the id of each stateful operator to its state: the source’s and the mapper’s', () => {
    expect(statefulIn(metadataOf(stopped.path))).toEqual(['source-id', 'mapper-id']);
    const byId = new Map(operatorsOf(stopped.path).map(({ operatorId, states = [] }) => [operatorId, states.map(({ name }) => name)]));
    expect(byId.get(operatorIdOfUid('source-id'))).toEqual(['_splits']);
    expect(byId.get(operatorIdOfUid('mapper-id'))).toEqual(['mapped']);
  });

  test('has no state of the printing sink, which is stateless', () => {
    const sink = operatorsOf(stopped.path).find(({ name }) => name.startsWith('Sink:'));
    expect(sink?.stateful).toBe(false);
    expect(sink?.states ?? []).toEqual([]);
  });
});
