import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ControlClient, controlClient } from '../../src/control-api/client.ts';
import { Workplace } from '../cli/weir-process.ts';
import { environmentPids, killed } from '../end-to-end/weir-process.ts';
import type { DeployRequest, Said, TestDeployment } from './test-deployment.ts';

/** The local cloud in the background, asked like any other: over its control API. */
export class EmbeddedDeployment implements TestDeployment {
  readonly api: ControlClient;
  readonly root = 's3://weir';
  readonly #workplace: Workplace;

  private constructor(workplace: Workplace, url: string) {
    this.#workplace = workplace;
    this.api = controlClient(url);
  }

  static async start(): Promise<EmbeddedDeployment> {
    const workplace = new Workplace();
    const { code, stderr } = await workplace.weir('local', 'start', '-D', 'state.savepoints.dir=s3://weir/savepoints');
    if (code !== 0) throw new Error(stderr);
    const instance = JSON.parse(readFileSync(join(workplace.path('.weir'), 'local.json'), 'utf8')) as Instance;
    Object.assign(process.env, instance.environment, { WEIR_ENDPOINT: instance.url });
    return new EmbeddedDeployment(workplace, instance.url);
  }

  deploy({ jobFile, mode = 'savepoint', args, schedule }: DeployRequest): Promise<Said> {
    const { input, output, rate } = args ?? { input: `${this.root}/flights`, output: `${this.root}/output`, rate: 1 };
    const scheduled = schedule === undefined ? [] : ['--savepoint-schedule', schedule];
    const words = ['--name', 'counts', '--upgrade-mode', mode, '--checkpoint-interval', '300', '-p', '2', ...scheduled, jobFile!];
    // It is the local cloud's own, and no verb of an endpoint.
    const { WEIR_ENDPOINT, ...environment } = process.env;
    process.env = environment;
    const said = this.weir('deploy', ...words, '--', '--input', input, '--output', output, '--rate', String(rate));
    process.env['WEIR_ENDPOINT'] = WEIR_ENDPOINT;
    return said;
  }

  weir(...words: readonly string[]): Promise<Said> {
    return this.#workplace.weir(...words);
  }

  readonly killSlots = (): number => environmentPids(this.#workplace.path('.weir')).filter((pid) => killed(pid)).length;

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#workplace[Symbol.asyncDispose]();
  }
}

interface Instance {
  readonly url: string;
  readonly environment: Readonly<Record<string, string>>;
}
