import type { Velo, VeloOptions } from '@velo/engine';
import type { EmbeddedBroker } from '../embedded-broker/embedded-broker.js';
import type { Addresses } from '../support/addresses.js';

/** Where a cluster is, for any client. */
export interface ClusterAddress extends Addresses {
  /** TLS; whose certificates are trusted, PEM. */
  readonly tls?: { readonly ca: string };
  /** SASL/PLAIN without TLS. */
  readonly sasl?: { readonly username: string; readonly password: string };
}

/** An adapter, as its test file describes it to the contract suite. */
export interface AdapterUnderTest {
  readonly name: string;
  /** A velo over a quiet client that never creates a topic by asking for it. */
  createVelo(cluster: ClusterAddress, options: VeloOptions): Velo;
  /** An ES module of built code that exports the same `createVelo`: for consumers in processes of their own. */
  readonly childModule: URL;
  /**
   * An assignor that its members offer where nothing is said, by its name in the group's protocol: for a leader that
   * assigns what cannot exist. @default not tested
   */
  readonly protocol?: string;
  /** The brokers assign, and know the members (KIP-848). @default false */
  readonly brokersAssign?: boolean;
  /** The client's own consumer options, as `ConsumerConfig.client` takes them. */
  readonly client: {
    /** Session 1.5 s, heartbeats of 100 ms, an idle fetch of 100 ms, new partitions seen within 500 ms. */
    readonly quick: object;
    /** The same with an idle fetch of 1.5 s: a client that sleeps on it would be that late. */
    readonly idle: object;
    /** What makes a member a static one (`group.instance.id`). @default the client has none */
    readonly instance?: (id: string) => object;
  };
  readonly capabilities: AdapterCapabilities;
  /** Makes the client's own consumer end by itself, once, in a way that velo is to survive. @default not tested */
  readonly crash?: (broker: EmbeddedBroker) => void;
}

/** Where adapters differ in what a handler sees. */
export interface AdapterCapabilities {
  /** Headers keep their order across names; otherwise only within a name. */
  readonly headerOrder: boolean;
  /** A header whose value is null arrives as null when another client wrote it. */
  readonly readsNullHeaders: boolean;
  /** Header values of any bytes arrive as another client wrote them. */
  readonly readsBinaryHeaders: boolean;
  /** A refusal of the group (no permission) is told as such when the member joins. */
  readonly tellsGroupRefusal: boolean;
  /** A commit carries metadata: what has finished beyond it is not repeated. @default false */
  readonly commitMetadata?: boolean;
  /**
   * Options of the client's consumer by which a group's partitions of one number go to different members. @default none: the
   * adapter assigns by itself
   */
  readonly scatters?: object;
  /** `handOff: 'transactional'` is not refused. @default false */
  readonly transactions?: boolean;
  /** `createVelo` heeds the address's `tls`. @default false */
  readonly tls?: boolean;
  /** All partitions of a member share its transactions: one that cannot end may hold up the others. */
  readonly transactsByMember?: boolean;
  /** What was configured for a topic can be asked for, so that velo's own topics can be like it. @default true */
  readonly describesConfigs?: boolean;
  /** Compressed batches that the client cannot read as it comes. @default none */
  readonly lacksCodecs?: readonly ('snappy' | 'lz4' | 'zstd')[];
}
