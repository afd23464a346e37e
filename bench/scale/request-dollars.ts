import type { Requests } from '../savepoints/counted-calls.ts';

/** List prices in us-east-1, in dollars for one. */
const prices = {
  functionCall: 0.2e-6,
  expressRun: 1e-6,
  writeUnit: 0.625e-6,
  readUnit: 0.125e-6,
  objectPut: 5e-6,
  objectGet: 0.4e-6,
};

/** What requests cost; neither the time of functions and workflows nor what is stored. */
export const requestDollars = ({ calls, runs, writeUnits, readUnits, objectPuts, objectGets }: Requests): number =>
  calls * prices.functionCall +
  runs * prices.expressRun +
  writeUnits * prices.writeUnit +
  readUnits * prices.readUnit +
  objectPuts * prices.objectPut +
  objectGets * prices.objectGet;
