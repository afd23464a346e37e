import type { QueryOptions, RecordFields, RecordStore, StoredRecord } from './record-store.ts';

/** All records of a partition by ascending sort key, page by page: whoever stops early asks for no further page. */
export async function* recordsOf(
  records: RecordStore,
  partition: string,
  options: Pick<QueryOptions, 'after'> = {},
): AsyncGenerator<StoredRecord, undefined> {
  let { after } = options;
  do {
    const page = await records.query(partition, after === undefined ? {} : { after });
    yield* page.records;
    after = page.next;
  } while (after !== undefined);
  return undefined;
}

/** What all records of a partition hold, for partitions that are known to be small. */
export async function fieldsOf(records: RecordStore, partition: string): Promise<readonly RecordFields[]> {
  const found: RecordFields[] = [];
  for await (const { fields } of recordsOf(records, partition)) found.push(fields);
  return found;
}
