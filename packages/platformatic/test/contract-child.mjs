// The built adapter, for the contract's consumers in processes of their own.
import { createVelo as createVeloOver } from '../dist/index.js';

export function createVelo({ brokers }, options) {
  return createVeloOver({ clientId: 'contract', bootstrapBrokers: [...brokers] }, options);
}
