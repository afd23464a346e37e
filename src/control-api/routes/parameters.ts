import { z } from 'zod';
import { hexId } from '../replies.ts';

/** Of a route whose path holds no name, or that takes no body. */
export const nothing = z.object({});

export const ofJob = z.object({ jobid: hexId });

export const ofVertex = z.object({ jobid: hexId, vertexid: hexId });

/** Plain data as the savepoint room has it; it is said there what each field means. */
export const plain = <T extends object>() => z.custom<T>((value) => typeof value === 'object' && value !== null);
