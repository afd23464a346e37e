import { WeirError } from '../src/base/errors.ts';
import { awsCloud } from '../src/cloud/aws/index.ts';
import type { Cloud } from '../src/cloud/index.ts';

/** The table comes from the function's environment; region, endpoint and credentials from AWS's usual places. */
export function cloudOfEnvironment(): Cloud {
  const table = process.env['WEIR_TABLE'];
  if (table === undefined) {
    throw new WeirError({
      code: 'NOT_CONFIGURED',
      domain: 'user',
      message: 'The environment variable WEIR_TABLE is missing: it names the table of the deployment.',
    });
  }
  return awsCloud({ table });
}
