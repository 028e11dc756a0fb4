import type { HandlerContext, KafkaRecord } from '@velo/engine';
import { until } from '../../support/until.js';

/** A handler's run that the test ends. */
export interface GateCall {
  readonly record: KafkaRecord;
  readonly context: HandlerContext;
  readonly text: string | null;
  pass(): void;
  fail(error: unknown): void;
}

/** A handler whose runs the test ends one by one. */
export class Gate {
  readonly calls: GateCall[] = [];

  readonly handler = (record: KafkaRecord, context: HandlerContext): Promise<void> =>
    new Promise((resolve, fail) => {
      // Asked for now: a signal is made at the first look.
      void context.signal;
      const text = record.value?.toString() ?? null;
      this.calls.push({ record, context, text, pass: () => resolve(), fail });
    });

  /** The run of a value, the `nth` of it; waits for it. */
  call(value: string, nth = 1): Promise<GateCall> {
    return until(
      `run ${nth} of the handler for '${value}'`,
      () => this.calls.filter(({ text }) => text === value)[nth - 1],
      { seen: () => this.calls.map(({ text }) => text) },
    );
  }

  passAll(): void {
    for (const call of this.calls) call.pass();
  }
}
