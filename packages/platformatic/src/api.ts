/**
 * The part of @platformatic/kafka's API that velo uses, typed by shape: its connections, and what its requests carry.
 * Neither its `Consumer` nor its `Producer`: see ARCHITECTURE.md for what they lose.
 */
export interface PlatformaticLibrary {
  readonly Connection: new (clientId: string, options: object) => PlatformaticConnection;
  readonly Reader: { from(bytes: Buffer): PlatformaticReader };
  readonly readRecordsBatch: (reader: PlatformaticReader) => FetchedBatch;
  /** Requests among others, as `fetchV17`: a module whose `api` sends one. */
  readonly [name: string]: unknown;
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface PlatformaticConnection {
  readonly socket?: PlatformaticSocket;
  isConnected(): boolean;
  connect(host: string, port: number): Promise<void>;
  /** Resolves when it is connected, or is so again. */
  ready(): Promise<void>;
  on(event: 'connecting' | 'error' | 'closing' | 'close', listener: () => void): unknown;
  /** Sends one request, and has its answer parsed. */
  send<T>(
    key: number,
    version: number,
    create: () => object,
    parse: (correlation: number, key: number, version: number, reader: PlatformaticReader) => T,
    taggedRequest: boolean,
    taggedAnswer: boolean,
    callback: (error: unknown, answer?: T) => void,
  ): void;
  close(): Promise<void>;
}

/** Reads one field after the other. What is not there throws. */
export interface PlatformaticReader {
  readInt16(): number;
  readInt32(): number;
  readInt64(): bigint;
  readUUID(): string;
  readString(compact: boolean): string;
  readNullableBytes(compact: boolean): Buffer | null;
  readArray<T>(read: () => T, compact: boolean, tagged: boolean): T[];
  readNullableArray<T>(read: () => T, compact: boolean, tagged: boolean): T[] | null;
}

/** The part of Node's that velo looks at. */
export interface PlatformaticSocket {
  once(event: 'connect' | 'secureConnect', listener: () => void): unknown;
  on(event: 'data', listener: (chunk: Buffer) => void): unknown;
  off(event: 'data', listener: (chunk: Buffer) => void): unknown;
  listeners(event: 'data'): ((chunk: Buffer) => void)[];
  destroy(error?: Error): unknown;
}

/** Sends one request. Where the answer has a code in it, it comes as `response` of the error. */
export interface PlatformaticApi {
  (connection: PlatformaticConnection, ...args: unknown[]): void;
  readonly key: number;
  readonly version: number;
}

export interface Coded {
  readonly errorCode: number;
}

export interface Named<P> {
  readonly name: string;
  readonly partitions: readonly P[];
}

export interface OffsetToCommit {
  readonly partitionIndex: number;
  readonly committedOffset: bigint;
  readonly committedLeaderEpoch: -1;
  readonly committedMetadata: string;
}

export interface OffsetsOfGroup extends Coded {
  readonly topics: readonly Named<
    Coded & {
      readonly partitionIndex: number;
      readonly committedOffset: bigint;
      readonly metadata: string | null;
    }
  >[];
}

export interface FetchTopic {
  /** The topic's name up to version 12. */
  readonly topicId: string;
  readonly partitions: readonly {
    readonly partition: number;
    readonly currentLeaderEpoch: -1;
    readonly fetchOffset: bigint;
    readonly lastFetchedEpoch: -1;
    readonly partitionMaxBytes: number;
  }[];
}

export interface FetchedPartition extends Coded {
  readonly partitionIndex: number;
  readonly abortedTransactions:
    | readonly { readonly producerId: bigint; readonly firstOffset: bigint }[]
    | null;
  readonly records: FetchedBatches | null;
}

export interface FetchedBatches extends Iterable<FetchedBatch> {
  /** The offset behind the last one; undefined: there is none. */
  readonly end: number | undefined;
}

export interface FetchedBatch {
  readonly firstOffset: bigint;
  readonly lastOffsetDelta: number;
  readonly firstTimestamp: bigint;
  readonly maxTimestamp: bigint;
  readonly attributes: number;
  readonly producerId: bigint;
  readonly records: readonly FetchedRecord[];
}

export interface FetchedRecord {
  readonly offsetDelta: number;
  readonly timestampDelta: bigint;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: readonly (readonly [name: Buffer | null, value: Buffer | null])[];
}

export interface PlatformaticMessage {
  readonly topic: string;
  readonly partition: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** By buffers, so that a name may come more than once. */
  readonly headers: ReadonlyMap<Buffer, Buffer | null>;
  timestamp?: bigint;
}

export interface ProduceOptions {
  readonly compression?: string;
  readonly transactionalId?: string;
  readonly producerId?: bigint;
  readonly producerEpoch?: number;
  readonly sequences?: { getWithDefault(partition: string, none: number): number };
}
