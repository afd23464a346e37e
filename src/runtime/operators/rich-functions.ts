import type { OperatorBody } from '../../stream/body.ts';
import type { FilterFunction, FlatMapFunction, MapFunction } from '../../stream/functions.ts';
import type { OperatorContext } from './operator-context.ts';
import { operatorStates } from './operator-states.ts';

type FunctionOf<Kind extends 'map' | 'flatMap' | 'filter'> =
  Extract<OperatorBody, { kind: Kind }> extends infer Body ? (Body extends { readonly [Method in Kind]: infer F } ? F : never) : never;

/*
 * The bare functions of what may be written as objects. Operators call bare ones only, so that those who need no more
 * don't pay for it.
 */

export function bareMap(context: OperatorContext, map: FunctionOf<'map'>): MapFunction<unknown, unknown> {
  if (typeof map === 'function') return map;
  const given = { operatorState: operatorStates(context, map.operatorState) };
  return (element) => map.map(element, given);
}

export function bareFlatMap(context: OperatorContext, flatMap: FunctionOf<'flatMap'>): FlatMapFunction<unknown, unknown> {
  if (typeof flatMap === 'function') return flatMap;
  const given = { operatorState: operatorStates(context, flatMap.operatorState) };
  return (element, out) => flatMap.flatMap(element, out, given);
}

export function bareFilter(context: OperatorContext, filter: FunctionOf<'filter'>): FilterFunction<unknown> {
  if (typeof filter === 'function') return filter;
  const given = { operatorState: operatorStates(context, filter.operatorState) };
  return (element) => filter.filter(element, given);
}
