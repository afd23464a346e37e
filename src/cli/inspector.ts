import { createServer } from 'node:net';
import { WeirError } from '../base/errors.ts';

/** Where Node's inspectors listen if nobody says otherwise. */
export const inspectorPortDefault = 9229;

const slotOfName = /-slot-(\d+)$/;

/** Each slot is a process with an inspector of its own: slot 1 listens one port above slot 0. Port 0 is any that is free, for each. */
export function inspectorPortOf(functionName: string, port: number): number | undefined {
  const [, slot] = slotOfName.exec(functionName) ?? [];
  if (slot === undefined) return undefined;
  return port === 0 ? 0 : port + Number(slot);
}

/** Throws PORT_IN_USE: an inspector that can't listen ends its process, again and again. */
export async function checkInspectorPorts(port: number, slots: number): Promise<void> {
  if (port === 0) return;
  for (let next = port; next < port + slots; next++) {
    const cause = await listenOnce(next);
    if (cause === undefined) continue;
    throw new WeirError({
      code: 'PORT_IN_USE',
      domain: 'user',
      message: `The inspector of slot ${next - port} can't listen on port ${next} of this machine: ${cause.message}.`,
      advice: 'End what listens there, or choose another port: --inspect=9300. With 0 each slot takes any that is free.',
      cause,
    });
  }
}

function listenOnce(port: number): Promise<Error | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', resolve);
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(undefined)));
  });
}
