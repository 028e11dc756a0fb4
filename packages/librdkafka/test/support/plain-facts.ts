import type { ClientFacts } from '../../src/facts.js';

/** Of a client that differs in nothing. */
export const plainFacts: ClientFacts = {
  name: 'a client',
  remedy: 'Pass properties.',
  capabilities: { binaryHeaders: true, nullHeaders: false, offsetMetadata: true },
  asksForTokens: false,
  headerValue: (value) => value ?? undefined,
  isAssignmentLost: () => false,
};
