// What strangers write with the packages, as texts: see ../../check-released.mjs.

/**
 * What users install with an adapter, and how they make its velo. Is the client an addon, which is `compiled` when it is installed?
 * Is it taken `fromTree`, since it takes minutes, or brings dozens of packages along? Does it need a `newerNode`?
 */
export const ADAPTERS = [
  {
    name: '@velo/kafkajs',
    client: 'kafkajs',
    compiled: false,
    fromTree: false,
    imports: "import { Kafka } from 'kafkajs';",
    argument: "new Kafka({ brokers: ['localhost:9092'] })",
  },
  {
    name: '@velo/rdkafka',
    client: 'node-rdkafka',
    compiled: true,
    fromTree: true,
    imports: '',
    argument: "{ 'bootstrap.servers': 'localhost:9092' }",
  },
  {
    name: '@velo/confluent',
    client: '@confluentinc/kafka-javascript',
    compiled: true,
    fromTree: true,
    imports: '',
    argument: "{ 'bootstrap.servers': 'localhost:9092' }",
  },
  {
    name: '@velo/platformatic',
    client: '@platformatic/kafka',
    compiled: false,
    fromTree: true,
    newerNode: true,
    imports: '',
    argument: "{ clientId: 'g', bootstrapBrokers: ['localhost:9092'] }",
  },
];

/** A package whose own types are made of the adapter's; nothing of them may be `any`. */
export const wrapper = ({ name, imports, argument }) => `
import { createVelo, isVeloError, readDeadLetter } from '${name}';
${imports}
type IsAny<T> = 0 extends 1 & T ? true : false;
export const velo = createVelo(${argument}, {});
export const producer = velo.producer();
export const consumer = velo.consumer({ groupId: 'g', topics: ['t'], handler: (message, context) => context.record });
export const options = {} as Parameters<typeof createVelo>[1];
export const config = {} as Parameters<typeof velo.consumer>[0];
export const send = (topic: string) => producer.send({ topic, messages: [{ value: 'v' }] });
export const health = () => consumer.health();
export const requirements = () => consumer.requirements();
export const snapshot = () => velo.metrics.snapshot();
export const on = consumer.on;
export const wait = velo.waitForTopic;
export const asBroken = (error: unknown) => (isVeloError(error, 'VELO_RETRIES_EXHAUSTED') ? error : undefined);
export const letter = readDeadLetter;
export const nothingIsAny: IsAny<typeof velo> | IsAny<typeof producer> | IsAny<typeof consumer> = false;
export const norItsParts: IsAny<ReturnType<typeof health>> | IsAny<ReturnType<typeof snapshot>> = false;
export const norOptions: IsAny<NonNullable<typeof options>> | IsAny<typeof config.handler> = false;
`;

/** Of the wrapper, in a project that has not installed the adapter by itself. */
export const WRAPPERS_USER = `
import { asBroken, consumer, health, velo } from '@acme/kafka';
consumer.on('deadLetter', ({ record, reason }) => console.log(record.offset, reason));
export const attempts: number | undefined = asBroken(new Error('x'))?.attempts;
export const state: string = health().state;
console.log(state, velo.metrics.snapshot().attemptsTotal);
`;

/** Prints `starting`, which it will be when started: a consumer was made and its plan explained. */
export const smoke = ({ name, imports, argument }) => `
${imports}
import { createVelo, parseDuration } from '${name}';
const consumer = createVelo(${argument}).consumer({ groupId: 'g', topics: ['t'], handler() {}, retry: { tiers: [parseDuration('5s')] } });
if (!consumer.explain().includes('t-g-retry-5s')) throw new Error(consumer.explain());
console.log(consumer.health().state);
`;

export const asCommonJs = (code) =>
  code.replaceAll(/^import (.*) from ('.*');$/gm, 'const $1 = require($2);');
