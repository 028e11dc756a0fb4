export { openKafkaJsClient } from './client.js';
export { createVelo } from './create-velo.js';
export type { KafkaJs } from './kafkajs-api.js';
