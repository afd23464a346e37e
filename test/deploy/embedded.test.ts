// Catches: something that works on the embedded cloud only, or there not: the same tests run on a deployed stack.
import { vi } from 'vitest';
import { EmbeddedDeployment } from './embedded-deployment.ts';
import { endToEnd } from './end-to-end.ts';

// A hang is what a limit is for, and a machine may be busy.
vi.setConfig({ testTimeout: 300_000 });
// Schedules fire within the local cloud itself, and with its directory goes everything.
endToEnd({ reachesProcesses: true, reachesSchedules: false, isDestroyed: false }, () => EmbeddedDeployment.start());
