import { OperatorHandle } from './operator-handle.ts';

/** The end of a stream. */
export class DataStreamSink extends OperatorHandle {}
