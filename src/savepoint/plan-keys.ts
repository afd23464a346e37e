import type { ChainedOperator } from '../graph/job-graph.ts';
import type { KeyKind } from '../protocol/acknowledgement.ts';
import type { ManifestOperator } from '../protocol/manifest.ts';
import type { Portable } from '../values/portable.ts';
import { typeChange, typeText } from '../values/type-change.ts';
import { nameOf, remark } from './remarks.ts';
import type { PlanRemark } from './restore-plan.ts';

/** Whether an operator declares keys that are not those of its state in the snapshot: state is found by key. */
export function keyProblem(operator: ChainedOperator, stored: ManifestOperator): PlanRemark | undefined {
  const { keyType } = operator;
  const kinds = new Set((stored.states ?? []).flatMap((state) => (state.entries > 0 ? (state.keyKinds ?? []) : [])));
  if (keyType === undefined || (stored.keyType === undefined && kinds.size === 0)) return undefined;
  const declared = typeChange(stored.keyType, keyType);
  const accepted = kindsOf(keyType);
  const other = accepted === undefined ? undefined : [...kinds].find((kind) => !accepted.includes(kind));
  if (declared === undefined && other === undefined) return undefined;
  return remark(
    'key-type-changed',
    operator,
    `The keys of ${nameOf(operator)} are declared as ${declared?.now ?? typeText(keyType)}, but the snapshot has its state by ${declared?.before ?? other}.`,
    'Key the stream as before, or give the operator another uid to begin with empty state.',
  );
}

/** What kinds of keys a declared type allows; nothing for any. */
function kindsOf(type: Portable): readonly KeyKind[] | undefined {
  if (type === 'any') return undefined;
  if (type === 'int' || type === 'number') return ['number'];
  if (typeof type === 'string') return [type as KeyKind];
  const [kind, parts] = Object.entries(type as { readonly [kind: string]: Portable })[0]!;
  if (kind === 'object') return ['object'];
  if (kind !== 'union') return ['tuple'];
  const members = (parts as readonly Portable[]).map(kindsOf);
  return members.some((member) => member === undefined) ? undefined : members.flatMap((member) => member!);
}
