/** The example on real text, by the reference interpreter and by the engine in a simulation, against a plain loop. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import job from '../../examples/word-count/job.ts';
import { systemClock } from '../../src/base/clock.ts';
import { systemRandom } from '../../src/base/random.ts';
import { fileObjectStore } from '../../src/cloud/file/file-object-store.ts';
import { buildJob } from '../../src/stream/build-job.ts';
import { randomFaults, simulateJob } from '../../src/testing/index.ts';
import { runReference } from '../../src/testing/reference.ts';

const license = fileURLToPath(new URL('../../LICENSE', import.meta.url));
const output = 's3://bucket/counts';

/** Letter by letter. */
function plainCounts(text: string): readonly string[] {
  const counts = new Map<string, number>();
  let word = '';
  for (const letter of `${text}\n`) {
    if (/^\p{L}$/u.test(letter)) word += letter;
    else {
      if (word !== '') counts.set(word.toLowerCase(), (counts.get(word.toLowerCase()) ?? 0) + 1);
      word = '';
    }
  }
  return [...counts].map(([each, count]) => JSON.stringify({ word: each, count })).sort();
}

const linesOf = (files: { readonly [uri: string]: string }): readonly string[] =>
  Object.values(files)
    .flatMap((text) => text.split('\n').filter((line) => line !== ''))
    .sort();

describe('word count', () => {
  it('counts the words of a real text', async () => {
    const context = { objects: fileObjectStore({ random: systemRandom }), clock: systemClock };
    const { sinks } = await runReference(buildJob(job, { input: license, output }), context);
    const expected = plainCounts(readFileSync(license, 'utf8'));
    expect(expected.length).toBeGreaterThan(300);
    expect(
      sinks
        .get('result')!
        .map((each) => JSON.stringify(each))
        .sort(),
    ).toEqual(expected);
  });

  it('counts all files of a directory, in any script, whatever goes wrong', async () => {
    const texts = {
      'a.txt': 'Über die Brücke, ÜBER die brücke;\nна мосту На мосту\n',
      'b.md': '桥 over the Weir: the weir’s 3 weirs\r\n\r\nÉté été',
    };
    const files = Object.fromEntries(Object.entries(texts).map(([name, text]) => [`s3://bucket/texts/${name}`, text]));
    const expected = plainCounts(Object.values(texts).join('\n'));
    expect(expected).toContain('{"word":"über","count":2}');
    for (const seed of [1, 2, 3, 4]) {
      const result = await simulateJob(job, {
        args: { input: 's3://bucket/texts/', output },
        files,
        seed,
        parallelism: seed,
        ...(seed === 1 ? {} : { faults: randomFaults({ seed, probability: 0.03, untilCall: 400 }) }),
        compareWithReference: true,
      });
      expect(result.status).toBe('FINISHED');
      expect(linesOf(result.files(output))).toEqual(expected);
    }
  });
});
