/** What a deployment takes of an account's limits. */
export interface DeploymentNeeds {
  readonly deployment: string;
  readonly slots: number;
  readonly reservedConcurrency: boolean;
  /** Of one version's code, at most. */
  readonly codeBytes: number;
  /** Slots whose concurrency this deployment has reserved already; 0 if none. */
  readonly slotsReservedBefore: number;
}

/** What Lambda says of an account, in one region. */
export interface AccountLimits {
  readonly concurrentExecutions: number;
  /** Those that no function has for itself. */
  readonly unreservedExecutions: number;
  readonly codeBytesMax: number;
  readonly codeBytes: number;
}

/** Beside the slots: the coordinator, and functions of the control plane, of which several may run at once. */
const executionsBesideSlots = 5;
/** Reserved for the coordinator. */
const coordinatorReservation = 2;
/** Lambda lets no function have the last hundred. */
const unreservedMin = 100;

/** Why a deployment can't be, one sentence each with the numbers; empty if it can. */
export function exceededLimits(needs: DeploymentNeeds, limits: AccountLimits): readonly string[] {
  const { deployment, slots, reservedConcurrency, codeBytes, slotsReservedBefore } = needs;
  const problems: string[] = [];
  const reservedBefore = slotsReservedBefore === 0 ? 0 : slotsReservedBefore + coordinatorReservation;
  const free = limits.unreservedExecutions + reservedBefore;
  if (reservedConcurrency) {
    const reserved = slots + coordinatorReservation;
    if (free - reserved < unreservedMin) {
      problems.push(
        `Deployment ${deployment} would reserve ${reserved} concurrent executions for ${slots} slots and the coordinator; of the account's ${limits.concurrentExecutions}, ${free} are not reserved, and ${unreservedMin} of those must stay so.`,
      );
    }
  } else if (slots + executionsBesideSlots > free) {
    problems.push(
      `Deployment ${deployment} needs ${slots + executionsBesideSlots} concurrent executions, for ${slots} slots and ${executionsBesideSlots} beside them; of the account's ${limits.concurrentExecutions}, ${free} are not reserved.`,
    );
  }
  // The versions before stay until no job needs them.
  const stored = (slots + 1) * codeBytes;
  if (limits.codeBytes + stored > limits.codeBytesMax) {
    problems.push(
      `Deployment ${deployment} publishes ${slots + 1} versions of up to ${codeBytes} bytes, ${stored} in all; of the ${limits.codeBytesMax} bytes that the account has for code, ${limits.codeBytes} are taken.`,
    );
  }
  return problems;
}
