import { countsJob } from './counts.ts';

export default countsJob({ broken: true });
