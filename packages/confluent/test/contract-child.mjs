// The built adapter, for the contract's consumers in processes of their own.
import { createVelo as createVeloOver } from '../dist/index.js';

export function createVelo({ bootstrapServers }, options) {
  return createVeloOver({ 'bootstrap.servers': bootstrapServers }, options);
}
