import { defineJob } from 'weir-streams';
import { z } from 'zod';
import { StatefulSource } from '../../../examples/savepoint-guide/job.ts';

/** Says itself where its savepoints go. */
export default defineJob({
  name: 'own-directory',
  args: z.object({}),
  savepoints: { directory: 's3://weir/savepoints-of-the-job' },
  build(env) {
    env
      .addSource(new StatefulSource(undefined, 50))
      .uid('source-id')
      .map((number) => ({ number }))
      .print();
  },
});
