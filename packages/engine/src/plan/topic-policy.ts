import { checkNames } from '@velo/retry-core';
import type { KafkaRecord } from '../binding/record.js';
import { fail } from './check-option.js';
import type { TopicPolicy } from './config.js';
import type { OwnDecoding, OwnTopicPolicy } from './decoding.js';
import { POLICY_NAMES } from './option-names.js';

/**
 * The policy of a topic whose messages have a type of their own, for a map of `topics` of several types:
 * `topics: { orders: topicPolicy({ decode: toOrder, handler }), payments: topicPolicy({ decode: toPayment, handler }) }`.
 *
 * It has a handler or a batch, and the `decode` that goes with it: without one its handler gets the record, whatever `decode` stands
 * beside `topics`. All else that it leaves out is as it stands there.
 *
 * @throws {VeloError} `VELO_INVALID_OPTION` without a handler, or for an option that there is not
 */
export function topicPolicy<T = KafkaRecord>(policy: TopicPolicy<T> & OwnDecoding<T>): OwnTopicPolicy {
  checkNames(policy, POLICY_NAMES, 'topicPolicy()');
  const { decode, handler, batch } = policy ?? {};
  if (handler === undefined && batch === undefined)
    fail(
      'handler of topicPolicy()',
      handler,
      'a function, or a batch in its place: one that stands beside topics may take another type',
    );
  const itself = (record: KafkaRecord) => record;
  return { ...policy, decode: decode ?? itself } as unknown as OwnTopicPolicy;
}
