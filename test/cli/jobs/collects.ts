import { type Accumulator, defineJob, globalWindow, histogram, longCounter } from 'weir-streams';

const words = 'a weir is a barrier laid across a stream'.split(' ');

export default defineJob({
  name: 'collects',
  build(env) {
    let seen: Accumulator;
    let lengths: Accumulator;
    env
      .addSource({
        start: 0,
        boundedness: 'bounded',
        pull: (position: number) => ({
          records: words.slice(position, position + 3),
          position: position + 3,
          done: position + 3 >= words.length,
        }),
      })
      .uid('words')
      .map({
        open(context) {
          seen = context.addAccumulator('words', longCounter());
          lengths = context.addAccumulator('lengths', histogram());
        },
        map(word) {
          seen.add(1);
          lengths.add(word.length);
          return { word, count: 1 };
        },
      })
      .uid('counted')
      .keyBy('word')
      .window(globalWindow())
      .sum('count')
      .uid('counts')
      .collect()
      .uid('result');
  },
});
