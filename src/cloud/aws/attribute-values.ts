import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { WeirError } from '../../base/errors.ts';
import type { RecordFields, RecordValue } from '../record-store.ts';

/** DynamoDB's kinds from ours. Numbers that DynamoDB has no room for are refused (RECORD_INVALID). */
export function attributesFrom(fields: RecordFields): Record<string, AttributeValue> {
  const attributes: Record<string, AttributeValue> = {};
  for (const [field, value] of Object.entries(fields)) if (value !== undefined) attributes[field] = attributeFrom(value);
  return attributes;
}

function attributeFrom(value: RecordValue): AttributeValue {
  switch (typeof value) {
    case 'string':
      return { S: value };
    case 'number':
      return { N: numberText(value) };
    case 'boolean':
      return { BOOL: value };
    default:
      if (value === null) return { NULL: true };
      if (value instanceof Uint8Array) return { B: value };
      if (isList(value)) return { L: value.map(attributeFrom) };
      return { M: attributesFrom(value) };
  }
}

const isList = (value: object): value is readonly RecordValue[] => Array.isArray(value);

function numberText(value: number): string {
  const magnitude = Math.abs(value);
  if (value === 0 || (magnitude >= 1e-130 && magnitude < 1e126)) return String(value + 0);
  throw new WeirError({
    code: 'RECORD_INVALID',
    domain: 'internal',
    message: `A record's numbers must be 0 or of a magnitude from 1e-130 to 9.99e125, which is what DynamoDB holds; found ${value}.`,
  });
}

export function fieldsFrom(attributes: Readonly<Record<string, AttributeValue>>): RecordFields {
  const fields: Record<string, RecordValue> = {};
  for (const [field, value] of Object.entries(attributes)) fields[field] = valueFrom(value);
  return fields;
}

function valueFrom(attribute: AttributeValue): RecordValue {
  if (attribute.S !== undefined) return attribute.S;
  if (attribute.N !== undefined) return Number(attribute.N);
  if (attribute.M !== undefined) return fieldsFrom(attribute.M);
  if (attribute.L !== undefined) return attribute.L.map(valueFrom);
  if (attribute.B !== undefined) return attribute.B;
  if (attribute.BOOL !== undefined) return attribute.BOOL;
  if (attribute.NULL !== undefined) return null;
  throw new WeirError({
    code: 'RECORD_INVALID',
    domain: 'external',
    message: `A stored record should hold strings, numbers, booleans, null, bytes, lists and maps only; found ${Object.keys(attribute).join()}.`,
    advice: 'Only Weir may write to its table.',
  });
}

/** What an attribute adds to an item's size, by DynamoDB's rules; numbers are taken at their most. */
export function attributeBytes(attribute: AttributeValue): number {
  if (attribute.S !== undefined) return Buffer.byteLength(attribute.S);
  if (attribute.N !== undefined) return Math.min(21, 2 + (attribute.N.length + 1) / 2);
  if (attribute.B !== undefined) return attribute.B.byteLength;
  if (attribute.L !== undefined) return attribute.L.reduce((sum, item) => sum + 1 + attributeBytes(item), 3);
  if (attribute.M !== undefined) {
    return Object.entries(attribute.M).reduce((sum, [field, item]) => sum + 1 + Buffer.byteLength(field) + attributeBytes(item), 3);
  }
  return 1;
}
