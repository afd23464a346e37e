import { encodeValue } from '../../values/serializer.ts';
import type { ObjectObserver } from '../simulated-object-store.ts';
import type { RecordObserver } from '../simulated-record-store.ts';
import type { Violations } from './violations.ts';

/**
 * Invariant 5: a name is written once, with one content, and is not used again after its deletion. Of records it holds
 * for acknowledgements, segments, accumulators and descriptions, of objects for all of them.
 */
export function writtenOnceChecker(violations: Violations): RecordObserver & ObjectObserver {
  const contents = new Map<string, Uint8Array>();
  const writeOnce = (name: string, content: Uint8Array) => {
    const before = contents.get(name);
    contents.set(name, content);
    violations.expect(before === undefined || Buffer.compare(before, content) === 0, 5, () => `${name} was written with two contents`);
  };
  return {
    onRecord({ key, before, after }) {
      const once = /^(ack|segment|accumulators)\//.test(key.partition) || (key.partition.startsWith('job/') && key.sort === 'description');
      if (!once || after === undefined) return;
      const name = `record ${key.partition} ${key.sort}`;
      violations.expect(before === undefined, 5, () => `${name} was written over`);
      writeOnce(name, encodeValue(after.fields));
    },
    onPut: ({ uri, after }) => writeOnce(uri, after),
    onPublish: ({ finalUri, after }) => writeOnce(finalUri, after),
  };
}
