// Holds rules on words: what must come through a port, and what the code must not promise for later.
import { describe, expect, it } from 'vitest';
import { sourceFiles } from './source-files.ts';

interface WordRule {
  readonly rule: string;
  readonly pattern: RegExp;
  readonly folders: readonly string[];
  readonly allowed: readonly RegExp[];
}

const rules: readonly WordRule[] = [
  {
    rule: 'time comes from Clock',
    pattern: /\b(Date\.now\(|new Date\(\)|performance\.now\(|setTimeout\(|setInterval\(|node:timers)/,
    folders: ['src', 'functions', 'infra'],
    allowed: [/^src\/base\/clock\.ts$/, /^src\/local-cloud\//],
  },
  {
    rule: 'zod is imported as a namespace: a bundle of its `z` has all of its locales, 340 KB for every cold start',
    pattern: /import \{[^}]*\} from 'zod'/,
    folders: ['src', 'functions', 'infra'],
    allowed: [],
  },
  {
    rule: 'chance comes from Random',
    pattern: /\b(Math\.random\(|randomUUID\(|randomBytes\(|randomInt\()/,
    folders: ['src', 'functions', 'infra'],
    allowed: [/^src\/base\/random\.ts$/, /^src\/local-cloud\//],
  },
  {
    rule: 'the core reads no environment variables',
    pattern: /\bprocess\.env\b/,
    folders: [
      'src/base',
      'src/values',
      'src/graph',
      'src/stream',
      'src/protocol',
      'src/state',
      'src/exchange',
      'src/runtime',
      'src/checkpoint',
      'src/job',
    ],
    allowed: [],
  },
  {
    rule: 'no type is switched off',
    pattern: /(:|<|\bas|,)\s*any\b(?!\s+(of|one|other))|@ts-(ignore|nocheck)/,
    folders: ['src', 'functions', 'infra', 'examples', 'scripts'],
    allowed: [],
  },
  {
    rule: 'nothing is left for later',
    pattern: new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX'].join('|')})\\b|\\.(skip|only|to${'do'})\\(`),
    folders: ['src', 'functions', 'infra', 'examples', 'scripts', 'test'],
    allowed: [],
  },
];

/** Code without its comments, where words are free. Strings stay. */
const withoutComments = (text: string): string => text.replace(/\/\*[\s\S]*?\*\/|(^|\s)\/\/.*$/gm, '$1');

describe('words', () => {
  for (const { rule, pattern, folders, allowed } of rules) {
    it(`say that ${rule}`, () => {
      const found = sourceFiles(...folders)
        .filter((file) => !allowed.some((path) => path.test(file.path)) && !file.path.startsWith('test/tidy/'))
        .flatMap((file) =>
          withoutComments(file.text)
            .split('\n')
            .filter((line) => pattern.test(line))
            .map((line) => `${file.path}: ${line.trim()}`),
        );
      expect(found).toEqual([]);
    });
  }
});
