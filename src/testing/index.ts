export { type CollectSink, collectSink } from './collect-sink.ts';
export { type CallerKind, type Fault, type FaultKind, type FaultPlan, faultKindsOf, faultsAt, noFaults, type Operation, type PortCall, randomFaults, scatteredFaults } from './faults.ts';
export { fromElements, type FromElementsOptions } from './from-elements.ts';
export { simulateJob, type SimulationOptions, type SimulationResult } from './simulate-job.ts';
