import { countsJob } from './counts.ts';

export default countsJob({ uid: 'recounts' });
