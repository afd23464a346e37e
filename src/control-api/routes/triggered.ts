import * as z from 'zod';
import { hexId } from '../replies.ts';

/** What every asynchronous operation is answered with. */
export const triggered = z.object({ 'request-id': hexId });

export const requestId = async (asked: Promise<{ readonly id: string }>): Promise<z.input<typeof triggered>> => ({
  'request-id': (await asked).id,
});
