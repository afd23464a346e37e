import * as z from 'zod';
import { limits } from '../../base/limits.ts';
import { hexId } from '../replies.ts';

/** Of a route whose path holds no name, or that takes no body. */
export const nothing = z.object({});

export const ofJob = z.object({ jobid: hexId });

export const ofVertex = z.object({ jobid: hexId, vertexid: hexId });

/** Plain data as the savepoint room has it; it is said there what each field means. */
export const plain = <T extends object>() => z.custom<T>((value) => typeof value === 'object' && value !== null);

/** A URI or path of a snapshot or directory. */
export const place = z.string().max(limits.placeCharactersMax);

/** One value of a query string. */
export const queryText = z.string().max(limits.queryCharactersMax);

/** A name in a path or body. */
export const name = z.string().min(1).max(limits.nameCharactersMax);
