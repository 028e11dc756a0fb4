import type { RdKafkaClient, RdKafkaEvents } from '../api.js';

export function listen<E extends keyof RdKafkaEvents>(
  client: RdKafkaClient,
  event: E,
  listener: (...args: RdKafkaEvents[E]) => void,
): void {
  client.on(event, listener as (...args: unknown[]) => void);
}
