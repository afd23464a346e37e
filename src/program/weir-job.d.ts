/** What the bundler puts in this module's place: the job file that a program is made of. */
declare module 'weir:job' {
  import type { JobDefinition } from '../stream/define-job.ts';

  const definition: JobDefinition;
  export default definition;
}
