// The built adapter, for the contract's consumers in processes of their own.
import kafkajs from 'kafkajs';
import { createVelo as createVeloOver } from '../dist/index.js';

export function createVelo({ brokers }, options) {
  return createVeloOver(new kafkajs.Kafka({ brokers, logLevel: kafkajs.logLevel.NOTHING }), options);
}
