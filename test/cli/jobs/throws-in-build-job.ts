import { defineJob } from 'weir-streams';

export default defineJob({
  name: 'throws',
  build() {
    throw new TypeError('no such table');
  },
});
