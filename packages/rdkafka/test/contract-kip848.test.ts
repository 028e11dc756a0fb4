import { describeAdapterContract } from '@velo/testkit/contract';
import { adapter } from './adapter.js';

/** The brokers assign; session and heartbeats are theirs, too. */
const brokerLed = {
  'group.protocol': 'consumer',
  'fetch.wait.max.ms': 100,
  'topic.metadata.refresh.interval.ms': 300,
};

describeAdapterContract(
  {
    ...adapter,
    name: 'rdkafka in groups whose brokers assign (KIP-848)',
    brokersAssign: true,
    client: { ...adapter.client, quick: brokerLed, idle: { ...brokerLed, 'fetch.wait.max.ms': 1_500 } },
  },
  {
    groups: [
      'a rebalance',
      'the lifecycle',
      'a start position',
      'a static member',
      'a transactional hand-off',
    ],
  },
);
