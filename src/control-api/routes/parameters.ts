import { z } from 'zod';
import { hexId } from '../replies.ts';

/** Of a route whose path holds no name, or that takes no body. */
export const nothing = z.object({});

export const ofJob = z.object({ jobid: hexId });

export const ofVertex = z.object({ jobid: hexId, vertexid: hexId });
