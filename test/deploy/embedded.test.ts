// Catches: something that works on the embedded cloud only, or there not: the same tests run on a deployed stack.
import { EmbeddedDeployment } from './embedded-deployment.ts';
import { endToEnd } from './end-to-end.ts';

endToEnd(() => EmbeddedDeployment.start());
