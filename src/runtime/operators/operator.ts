import type { OperatorLabel } from '../user-fault.ts';

const prefix = 'weir operator ';

/**
 * What all operators are, besides what each does: an object whose calls can be recognized on the stack. So whoever has to
 * know whose code is running finds it out when he asks, and no record pays for it.
 */
export abstract class Operator {
  constructor({ operator }: OperatorLabel) {
    // V8 names an object on the stack by its tag, if it is of a class that extends another.
    Object.defineProperty(this, Symbol.toStringTag, { value: prefix + operator });
  }
}

/** How far up the stack an operator is looked for: deeper recursion in user code hides it. */
const framesMax = 100;

/** The operator whose code is running: the innermost on the stack, by its uid or name. */
export function operatorOnStack(): string | undefined {
  for (const site of callSites()) {
    const type = site.getTypeName();
    if (type?.startsWith(prefix)) return type.slice(prefix.length);
  }
  return undefined;
}

function callSites(): readonly NodeJS.CallSite[] {
  const { prepareStackTrace, stackTraceLimit } = Error;
  const holder: { stack?: unknown } = {};
  try {
    Error.stackTraceLimit = framesMax;
    Error.prepareStackTrace = (_error, sites) => sites;
    Error.captureStackTrace(holder, operatorOnStack);
    return holder.stack as readonly NodeJS.CallSite[];
  } finally {
    Object.assign(Error, { prepareStackTrace, stackTraceLimit });
  }
}
