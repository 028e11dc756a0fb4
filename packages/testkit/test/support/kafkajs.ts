import {
  type Consumer,
  type ConsumerConfig,
  Kafka,
  type KafkaConfig,
  type KafkaMessage,
  logLevel,
} from 'kafkajs';

/** A silent kafkajs client that never creates a topic by asking for it. */
export function kafkaClient(brokers: readonly string[], config: Partial<KafkaConfig> = {}): Kafka {
  return new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING, ...config });
}

export type Received = KafkaMessage & { readonly topic: string; readonly partition: number };

/** A consumer that runs, and what it has received so far. */
export async function startConsumer(
  kafka: Kafka,
  topic: string,
  config: ConsumerConfig,
): Promise<{
  readonly consumer: Consumer;
  readonly received: Received[];
  readonly joined: Promise<unknown>;
}> {
  const consumer = kafka.consumer({ allowAutoTopicCreation: false, ...config });
  const received: Received[] = [];
  const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ topic, partition, message }) => {
      received.push({ topic, partition, ...message });
    },
  });
  return { consumer, received, joined };
}

/** Sends one value to one partition, without kafkajs's own retries. */
export async function sendOnce(kafka: Kafka, topic: string, value: string, partition = 0): Promise<void> {
  const producer = kafka.producer({ allowAutoTopicCreation: false, retry: { retries: 0 } });
  await producer.connect();
  try {
    await producer.send({ topic, messages: [{ value, partition }] });
  } finally {
    await producer.disconnect();
  }
}

/** The innermost error: kafkajs wraps what the broker said. */
export async function rootError(
  promise: Promise<unknown>,
): Promise<{ code?: unknown; type?: unknown; name: string }> {
  let error = await promise.then(
    () => undefined,
    (reason) => reason,
  );
  while (error?.cause) error = error.cause;
  return error;
}
