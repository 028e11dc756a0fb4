import type { ClientCapabilities } from '@velo/engine';
import type { RdKafka, RdKafkaAdmin, RdKafkaConsumer } from './api.js';

/** Where one of librdkafka's clients differs from the others: each adapter has a table of these, and no `if` for it. */
export interface ClientFacts {
  /** Its package, as velo's errors name it. */
  readonly name: string;
  /** What `createVelo` tells whoever gives it something else than properties. A sentence. */
  readonly remedy: string;
  readonly capabilities: Pick<ClientCapabilities, 'binaryHeaders' | 'nullHeaders' | 'offsetMetadata'>;
  /** Whether librdkafka asks for tokens through a callback, among the properties; else they are pushed with `setOauthBearerToken`. */
  readonly asksForTokens: boolean;
  /** What it takes for a header's value; `undefined`: it would write something else. */
  headerValue(value: Buffer | string | null): Buffer | string | undefined;
  /** Whether what is to be revoked has other owners already. */
  isAssignmentLost(consumer: RdKafkaConsumer): boolean;
}

/** By their names: a module's namespace may not list what it has. */
export function withFacts(
  { KafkaConsumer, Producer, AdminClient, features }: RdKafka,
  facts: ClientFacts,
): ClientLibrary {
  return { KafkaConsumer, Producer, AdminClient, ...(features && { features }), facts };
}

/** A client's module, with what is known of it. */
export interface ClientLibrary extends RdKafka {
  readonly facts: ClientFacts;
  /** Resolves when an administrator may be asked; `undefined`: at once. */
  readonly ready?: (admin: RdKafkaAdmin) => Promise<void> | undefined;
}
