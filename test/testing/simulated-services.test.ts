// The workflows and functions of simulations keep the same contracts as those of AWS: the same suites run against both.
import { writeFileSync } from 'node:fs';
import type { Json } from '../../src/cloud/index.ts';
import { SimulatedCloud } from '../../src/testing/simulated-cloud.ts';
import { namedError } from '../../src/testing/simulated-functions.ts';
import { functionServiceContract } from '../cloud/function-service-contract.ts';
import { workflowServiceContract } from '../cloud/workflow-service-contract.ts';
import type { ContractFunction, WorkflowsUnderTest } from '../cloud/workflows-under-test.ts';

const handlers: { readonly [name in ContractFunction]: (event: Json) => Json } = {
  echo: (event) => event,
  fail() {
    throw namedError('RangeError', 'out of reach');
  },
  keepToken(event) {
    const { path, token } = event as { readonly path: string; readonly token: string };
    writeFileSync(path, token);
    return {};
  },
};

async function simulated(): Promise<WorkflowsUnderTest> {
  const cloud = new SimulatedCloud();
  for (const [functionArn, handle] of Object.entries(handlers)) {
    cloud.functions.define({ functionArn, timeLimitMs: 60_000, start: () => async (event) => handle(event) });
  }
  const { workflows, functions } = cloud.for();
  return {
    workflows,
    functions,
    functionArn: (name) => name,
    async define(name, definition) {
      cloud.workflows.define(name, definition);
      return name;
    },
    sleep: (ms) => cloud.clock.sleep(ms),
    close: async () => cloud.stop(),
  };
}

workflowServiceContract('the simulation', simulated);
functionServiceContract('the simulation', simulated);
