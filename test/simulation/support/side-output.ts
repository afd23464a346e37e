import { outputTag } from '../../../src/index.ts';
import type { Item } from './items.ts';

/** The side output of all operators of random programs that have one. */
export const oddOutput = outputTag<Item>('odd');
