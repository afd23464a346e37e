export { type CollectSink, collectSink } from './collect-sink.ts';
export {
  type CallerKind,
  type Fault,
  type FaultKind,
  type FaultPlan,
  faultKinds,
  faultKindsOf,
  faultsAt,
  noFaults,
  type Operation,
  type PortCall,
  randomFaults,
  scatteredFaults,
} from './faults.ts';
export { type FromElementsOptions, fromElements } from './from-elements.ts';
export { type SimulationOptions, type SimulationResult, simulateJob } from './simulate-job.ts';
export type { RequestAnswer, SimulatedRequest } from './simulated-requests.ts';
