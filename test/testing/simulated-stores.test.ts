// The stores of simulations keep the same contracts as those of AWS: the same suites run against both.
import { seededRandom } from '../../src/base/random.ts';
import type { PortCall } from '../../src/testing/faults.ts';
import { PortCalls } from '../../src/testing/port-calls.ts';
import { SimulatedClock } from '../../src/testing/simulated-clock.ts';
import { SimulatedObjects } from '../../src/testing/simulated-object-store.ts';
import { SimulatedRecords } from '../../src/testing/simulated-record-store.ts';
import { objectStoreContract } from '../cloud/object-store-contract.ts';
import { recordStoreContract } from '../cloud/record-store-contract.ts';

/** A world whose next write can be made to happen twice, as after a reply that the client library lost. */
function world() {
  let armed = false;
  const calls = new PortCalls({
    clock: new SimulatedClock(),
    random: seededRandom('stores'),
    plan: ({ operation }: PortCall) => {
      if (!armed || !/put|delete|publish/.test(operation)) return undefined;
      armed = false;
      return { kind: 'doubled' };
    },
  });
  const loseNextReply = () => {
    armed = true;
  };
  return { calls, loseNextReply };
}

const close = async () => undefined;

recordStoreContract('the simulation', async () => {
  const { calls, loseNextReply } = world();
  return { store: new SimulatedRecords(calls).for(), close, loseNextReply };
});

objectStoreContract('the simulation', async () => {
  const { calls, loseNextReply } = world();
  return { store: new SimulatedObjects(calls).for(), root: 's3://bucket/some', close, loseNextReply };
});

objectStoreContract('the simulated disk', async () => {
  const { calls, loseNextReply } = world();
  return { store: new SimulatedObjects(calls).for(), root: 'file:///some', close, loseNextReply };
});
