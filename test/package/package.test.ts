// Catches what only shows outside of a clone: a file that is not in the tarball, a dependency that only we have installed,
// declarations that another TypeScript can't read, a first project that does not install, test, run or synthesize.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { errorCodes } from '../../src/cli/error-pages.ts';
import { olderCompilers } from './compilers.ts';
import { findRegistry } from './registry.ts';
import { Stranger } from './stranger.ts';
import { check, packInto, root, type Tarball } from './tarball.ts';

const registry = await findRegistry();
const why = registry.kind === 'missing' ? ` (skipped: ${registry.why})` : '';
if (why !== '') process.stderr.write(`The package is not installed${why}\n`);

// Two installations from the registry, and whole compilations of aws-cdk-lib's declarations: minutes on a busy machine.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly exports: Readonly<Record<string, { readonly types: string; readonly default: string }>>;
};

let stranger: Stranger;
let tarball: Tarball;

beforeAll(async () => {
  stranger = new Stranger();
  tarball = await packInto(stranger.directory);
});
afterAll(() => stranger[Symbol.dispose]());

describe('the tarball', () => {
  test('holds what is compiled, what that reads, and what users read', () => {
    const entries = Object.values(manifest.exports).flatMap(({ types, default: code }) =>
      [types, code].map((path) => path.slice('./'.length)),
    );
    const needed = [
      ...entries,
      ...readdirSync(join(root, 'infra', 'workflows')).map((name) => `infra/workflows/${name}`),
      ...errorCodes().map((code) => `docs/errors/${code}.md`),
      ...readdirSync(join(root, 'functions')).map((name) => `dist/functions/${name.replace(/\.ts$/, '.js')}`),
      ...readdirSync(join(root, 'templates', 'project'), { withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ name }) => `templates/project/${name}`),
      ...['scripts/weir.mjs', 'package.json', 'README.md', 'LICENSE'],
    ];
    expect(needed.filter((path) => !tarball.paths.includes(path))).toEqual([]);
  });

  test('holds nothing else: no sources beside the templates, no tests, no maps to files that are not there', () => {
    const expected =
      /^(dist\/(src|functions|infra)\/.+\.(js|d\.ts)|docs\/.+\.(md|json)|dist\/docs\/openapi\.json|(dist\/)?infra\/workflows\/[\w-]+\.asl\.json|templates\/.+|scripts\/weir\.mjs|[\w.]+)$/;
    expect(tarball.paths.filter((path) => !expected.test(path))).toEqual([]);
    expect(tarball.paths.filter((path) => !path.includes('/')).sort()).toEqual(['LICENSE', 'README.md', 'package.json']);
  });

  test('is as publint wants it', async () => {
    const { code, stdout, stderr } = await check('publint', '--strict', tarball.file);
    expect(code, stdout + stderr).toBe(0);
    expect(stdout).toContain('All good!');
  });

  test('gives ES modules that resolve, and types that belong to them', async () => {
    const { code, stdout, stderr } = await check('attw', tarball.file, '--profile', 'esm-only', '--format', 'json');
    expect(code, stdout + stderr).toBe(0);
    const { analysis } = JSON.parse(stdout) as { readonly analysis: { readonly entrypoints: Readonly<Record<string, unknown>> } };
    expect(Object.keys(analysis.entrypoints)).toEqual(Object.keys(manifest.exports));
  });
});

/** By a plain pass over the text. */
function plainCounts(text: string): readonly string[] {
  const words = text
    .toLowerCase()
    .split(/[^\p{L}]+/u)
    .filter((word) => word !== '');
  return [...new Set(words)].map((word) => JSON.stringify({ word, count: words.filter((each) => each === word).length })).sort();
}

describe.skipIf(registry.kind === 'missing')(`a stranger's first project${why}`, () => {
  const project = 'elsewhere/my-job';
  const weir = (...words: readonly string[]) => ['npx', 'weir', ...words];

  beforeAll(async () => {
    stranger.write('elsewhere/package.json', '{}\n');
    await stranger.does('elsewhere', 'npm', 'install', tarball.file);
    await stranger.does('elsewhere', ...weir('init', 'my-job'));
    await stranger.does(project, 'npm', 'install');
  });
  afterAll(async () => {
    await stranger.tries(project, ...weir('local', 'stop'));
  });

  test('has Weir from the same tarball, and Node 24', async () => {
    const { dependencies } = JSON.parse(stranger.read(project, 'package.json')) as {
      readonly dependencies: Readonly<Record<string, string>>;
    };
    expect(dependencies['weir-streams']).toMatch(/^file:\.\.\/\.\.\/weir-streams-[\d.]+\.tgz$/);
    expect(await stranger.does(project, 'npx', 'node', '--version')).toMatch(/^v24\./);
  });

  test('passes its own test, and the compiler', async () => {
    const said = await stranger.does(project, 'npm', 'test');
    expect(said).toMatch(/\bpass 2$/m);
    expect(said).toMatch(/\bfail 0$/m);
    await stranger.does(project, 'npm', 'run', 'typecheck');
  });

  test('counts words on the local cloud', async () => {
    expect(await stranger.does(project, 'npm', 'start')).toMatch(/^Job my-job \(\w+\) is FINISHED /m);
    const parts = readdirSync(stranger.path(project, 'counts')).filter((name) => name.startsWith('part-'));
    const lines = parts.flatMap((name) => stranger.read(project, 'counts', name).trimEnd().split('\n'));
    expect(lines.sort()).toEqual(plainCounts(stranger.read(project, 'texts', 'weirs.txt')));
  });

  test('has every verb of the command line', async () => {
    const plan = await stranger.does(project, ...weir('plan', 'job.ts', '-p', '2', '--', '--input', 'texts', '--output', 'counts'));
    expect(plan).toMatch(/^Job "my-job": 2 vertices on 2 levels$/m);
    expect(await stranger.does(project, ...weir('explain', 'DIRECTORY_NOT_EMPTY'))).toContain('weir init');
    await stranger.does(project, ...weir('local', 'start'));
    const submitted = await stranger.does(project, ...weir('run', '-d', 'job.ts', '--', '--input', 'texts', '--output', 'again'));
    const jobId = /JobID (\w+)/.exec(submitted)![1]!;
    expect(await stranger.does(project, ...weir('run', '--resume', jobId))).toContain('is FINISHED');
    expect(await stranger.does(project, ...weir('list', '-a'))).toContain(jobId);
    await stranger.does(project, ...weir('local', 'stop'));
  });

  test('synthesizes what is deployed, with handlers bundled out of the package that load', async () => {
    await stranger.does(project, 'npx', 'cdk', 'synth', '--quiet');
    const template = JSON.parse(stranger.read(project, 'cdk.out', 'my-job.template.json')) as {
      readonly Resources: Readonly<Record<string, { readonly Type: string; readonly Properties: { readonly Handler?: string } }>>;
    };
    const handlers = Object.values(template.Resources)
      .filter(({ Type }) => Type === 'AWS::Lambda::Function')
      .map(({ Properties }) => Properties.Handler);
    expect(handlers.filter((handler) => handler === 'slot.handler')).toHaveLength(2);
    expect(handlers).toEqual(expect.arrayContaining(['coordinator.handler', 'api-queries.handler', 'api-run.handler']));
    const assets = readdirSync(stranger.path(project, 'cdk.out')).filter((name) => name.startsWith('asset.'));
    const slot = assets.map((name) => join('cdk.out', name)).find((folder) => readdirSyncIn(folder).includes('slot.mjs'))!;
    const load = `process.env.WEIR_TABLE = 'records'; process.env.AWS_REGION = 'eu-central-1';
      for (const name of ['slot', 'coordinator']) process.stdout.write(name + ' ' + typeof (await import('./${slot}/' + name + '.mjs')).handler + '\\n');`;
    expect(await stranger.does(project, 'npx', 'node', '--input-type=module', '--eval', load)).toBe(
      'slot function\ncoordinator function\n',
    );
  });

  const readdirSyncIn = (folder: string): readonly string[] =>
    folder.includes('.', 'cdk.out/asset.'.length) ? [] : readdirSync(stranger.path(project, folder));

  test('is not written over', async () => {
    const again = await stranger.tries('elsewhere', ...weir('init', 'my-job'));
    expect(again.code).toBe(1);
    expect(again.stderr).toMatch(/^error: A new project needs an empty directory, but "my-job" has ".+" and \d+ more in it\.$/m);
  });
});

// What is checked: every declaration that an entry point reaches, under all strict rules, without skipLibCheck. What is not:
// aws-cdk-lib's own declarations, which don't hold under exactOptionalPropertyTypes, whatever the compiler.
describe.skipIf(registry.kind === 'missing')(`the declarations${why}`, () => {
  const project = 'elsewhere/my-job';
  const plain = `import { defineJob } from 'weir-streams';
import { files } from 'weir-streams/connectors/files';
import { fromElements, simulateJob } from 'weir-streams/testing';
const job = defineJob({
  name: 'job',
  build(env) {
    env.fromSource(files.lines('in')).sinkTo(files.ndjson('out'));
    // @ts-expect-error: elements are numbers
    env.fromSource(fromElements([1])).map((text: string) => text);
  },
});
export const status: Promise<string> = simulateJob(job, {}).then((result) => result.status);
`;
  const cdk = `import { Stack } from 'aws-cdk-lib';
import { ControlPlane, StreamJob } from 'weir-streams/cdk';
const controlPlane = new ControlPlane(new Stack(), 'Weir', {});
new StreamJob(controlPlane, 'One', { controlPlane, entry: 'job.ts', slots: 1 });
// @ts-expect-error: slots are a number
new StreamJob(controlPlane, 'Other', { controlPlane, entry: 'job.ts', slots: '1' });
`;
  const compilerOptions = {
    ...{ target: 'es2024', module: 'nodenext', strict: true, noUncheckedIndexedAccess: true, exactOptionalPropertyTypes: true },
    ...{ verbatimModuleSyntax: true, isolatedModules: true, skipLibCheck: false, noEmit: true },
  };
  let compilers: Readonly<Record<string, string>>;

  beforeAll(async () => {
    compilers = { ...(await olderCompilers()), 7: stranger.path(project, 'node_modules', 'typescript', 'bin', 'tsc') };
    for (const [folder, text, types] of [
      ['elsewhere/plain', plain, []],
      [`${project}/cdk`, cdk, ['node']],
    ] as const) {
      stranger.write(`${folder}/main.mts`, text);
      stranger.write(`${folder}/tsconfig.json`, JSON.stringify({ compilerOptions: { ...compilerOptions, types }, files: ['main.mts'] }));
    }
  });

  /** Lines that are errors; what follows them says more. */
  async function errorsIn(version: string, folder: string): Promise<readonly string[]> {
    const { code, stdout, stderr } = await stranger.tries(project, 'npx', 'node', compilers[version]!, '-p', folder, '--pretty', 'false');
    const errors = stdout.split('\n').filter((line) => /^\S.*: error TS|^error TS/.test(line));
    return code === 0 || errors.length > 0 ? errors : [`ended with ${code}: ${stdout}${stderr}`];
  }

  test.each(['5.9.3', '6.0.3', '7'])('are understood by TypeScript %s, without the types of Node', async (version) => {
    expect(await errorsIn(version, '../plain')).toEqual([]);
  });

  test.each(['5.9.3', '6.0.3', '7'])('of the CDK entry are understood by TypeScript %s', async (version) => {
    const errors = await errorsIn(version, 'cdk');
    expect(errors.filter((line) => !line.startsWith('node_modules/aws-cdk-lib/'))).toEqual([]);
  });
});
