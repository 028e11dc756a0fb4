import { setTimeout as sleep } from 'node:timers/promises';
import type { HandlerContext, KafkaRecord } from '@velo/engine';
import { partitionKey } from '@velo/engine';
import { PermanentError } from '@velo/retry-core';
import { originOf } from '../history/origin.js';
import type { Write } from '../history/writer.js';
import { fails } from '../plan/fates.js';
import { idOfValue, type Message, messageOf, nameOfValue } from '../plan/records.js';
import { placeOf } from '../plan/topics.js';
import type { Service } from '../service.js';
import type { Turn } from './recorded-binding.js';

export interface Handling {
  readonly decode: (record: KafkaRecord) => Message;
  readonly handler: (message: Message, context: HandlerContext) => Promise<void>;
}

/** Fails as each record's fate says, and writes each attempt down at its end: from then on the record counts as handled. */
export function handling(write: Write, turn: Turn, service: Service): Handling {
  let steps = 0;
  const start = () => ({ turn: turn.current, started: steps++ });
  const tried = (record: KafkaRecord, began: ReturnType<typeof start>, passed: boolean, away = false) =>
    write({
      kind: 'tried',
      ...began,
      ended: steps++,
      partition: partitionKey(record.topic, record.partition),
      offset: Number(record.offset),
      origin: originOfRecord(record),
      id: idOfValue(record.value) ?? -1,
      key: String(record.key),
      tier: placeOf(record.topic).tier,
      passed,
      ...(away && { away }),
      written: record.timestamp,
    });
  return {
    decode(record) {
      try {
        return messageOf(record.value);
      } catch (error) {
        tried(record, start(), false);
        throw error;
      }
    },
    async handler({ id, fate }, { record, tier, attempt }) {
      const began = start();
      await sleep(id % 4);
      const away = fate !== 'poison' && service.isAway;
      const failed = away || fails(fate, tier, attempt);
      tried(record, began, !failed, away);
      if (!failed) return;
      if (fate === 'poison') throw new PermanentError(`nobody wants this: ${id}`);
      throw new Error(`the service is away: ${id}`);
    },
  };
}

export function originOfRecord(record: KafkaRecord): string {
  const name = nameOfValue(record.value);
  return originOf({ ...record, name }, (header) => record.headers.get(header)?.toString());
}
