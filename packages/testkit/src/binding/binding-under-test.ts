import type { ClientBinding } from '@velo/engine';
import type { Addresses } from '../support/addresses.js';

/** A client binding, as an adapter's tests describe it. */
export interface BindingUnderTest {
  readonly name: string;
  /** A quiet client, which connects when it is used. */
  open(cluster: Addresses): ClientBinding;
  /** A member's options, as `Membership.client` takes them: heartbeats of at most 200 ms, an idle fetch of at most 100. */
  readonly quick: object;
  /** Each way of sharing partitions out that the client has: further options of members, by name. */
  readonly assignors: Readonly<Record<string, object>>;
  /** Headers keep their order across names; otherwise only within a name. */
  readonly headerOrder: boolean;
}
