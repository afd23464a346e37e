import { messageOf, WeirError } from '../base/errors.ts';
import type { StateSchema } from './state-schema.ts';

export type Migration = (old: unknown) => unknown;

/**
 * What makes a stored value one of the declared version; nothing where it is one already. The plan of a restore has seen
 * to it that there is a way. Throws STATE_MIGRATION_FAILED if the author's function does, or gives nothing.
 */
export function migrationOf(schema: StateSchema | undefined, stored: number, operator: string, state: string): Migration | undefined {
  const now = schema?.version ?? 1;
  if (stored === now) return undefined;
  const migrate = stored < now ? schema?.migrate : undefined;
  return (old) => {
    if (migrate === undefined) throw failed('there is no migrate function for it', undefined);
    let value: unknown;
    try {
      value = migrate(old, stored);
    } catch (cause) {
      throw failed(`migrate threw: ${messageOf(cause)}`, cause);
    }
    if (value === undefined) throw failed('migrate gave undefined', undefined);
    return value;
  };

  function failed(why: string, cause: unknown): WeirError {
    return new WeirError({
      code: 'STATE_MIGRATION_FAILED',
      domain: 'program',
      message: `A value of state "${state}" of operator "${operator}" is of version ${stored} and was to become one of version ${now}, but ${why}.`,
      advice: 'Let migrate return a value for every value of the versions before: migrate: (old, fromVersion) => ...',
      subject: { operator, state },
      ...(cause === undefined ? {} : { cause }),
    });
  }
}
