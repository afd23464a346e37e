import { messageOf, WeirError } from '../../base/errors.ts';
import type { Committables } from '../../protocol/acknowledgement.ts';
import type { EpochName, SinkWriter } from '../../stream/sink.ts';
import { Operator } from './operator.ts';
import type { OperatorContext } from './operator-context.ts';
import type { Receiver } from './receiver.ts';

export class SinkOperator extends Operator implements Receiver {
  /** Written since `begin`. */
  records = 0;
  readonly #in: OperatorContext;
  readonly #operatorId: string;
  readonly #writer: SinkWriter<unknown>;

  constructor(context: OperatorContext, operatorId: string, writer: SinkWriter<unknown>) {
    super(context.label);
    this.#in = context;
    this.#operatorId = operatorId;
    this.#writer = writer;
  }

  begin(): void {
    this.records = 0;
  }

  receive(value: unknown, timestamp: number): void {
    this.records++;
    try {
      this.#writer.write(value, Number.isNaN(timestamp) ? undefined : timestamp);
    } catch (thrown) {
      throw this.#in.faults.of(this.#in.label, thrown);
    }
  }

  async prepareCommit(epoch: EpochName): Promise<Committables> {
    try {
      return { operatorId: this.#operatorId, items: await this.#writer.prepareCommit(epoch) };
    } catch (cause) {
      if (WeirError.is(cause)) throw cause.about({ ...this.#in.label });
      throw new WeirError({
        code: 'SINK_FAILED',
        domain: 'external',
        message: `Sink "${this.#in.label.operator}" could not stage its output: ${messageOf(cause)}`,
        subject: { ...this.#in.label },
        cause,
      });
    }
  }

  abort(): void {
    this.#writer.abort();
  }
}
