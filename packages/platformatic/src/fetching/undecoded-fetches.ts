import type {
  FetchedPartition,
  PlatformaticApi,
  PlatformaticConnection,
  PlatformaticLibrary,
  PlatformaticReader,
} from '../api.js';
import type { Requests } from '../requests.js';
import { UndecodedBatches } from './undecoded-batches.js';

type FetchAnswer = Requests['fetch']['answer'];
type Callback = (error: unknown, answer?: FetchAnswer) => void;

/** A version of a request, as the client has it. */
interface RequestModule {
  readonly api: PlatformaticApi;
  readonly createRequest: (...args: unknown[]) => object;
}

/** Versions of the request at which its answer changed (Kafka's FetchResponse.json). */
const LOG_START = 5;
const SESSIONS = 7;
const REPLICA = 11;
/** Lengths are varints, and tagged fields stand at the ends. */
const FLEXIBLE = 12;
const TOPIC_IDS = 13;
const OLDEST = 4;
/** Later ones may read otherwise. */
export const NEWEST_FETCH = 17;

/**
 * The library, with fetches whose answers hold batches as bytes, see `UndecodedBatches`. The client itself decodes a whole answer
 * at once: so many objects are alive then when V8 clears away that it takes them for ones that stay, and makes all later
 * ones where they are expensive, for as long as the process lives; each record took 1.5 times the processor time.
 */
export function withUndecodedFetches(library: PlatformaticLibrary): PlatformaticLibrary {
  const fetches: Record<string, unknown> = {};
  for (let version = OLDEST; version <= NEWEST_FETCH; version++) {
    const name = `fetchV${version}`;
    const module = library[name] as RequestModule | undefined;
    if (module !== undefined) fetches[name] = { api: undecodedFetch(library, module) };
  }
  return { ...library, ...fetches };
}

function undecodedFetch(
  library: PlatformaticLibrary,
  { api, createRequest }: RequestModule,
): PlatformaticApi {
  const { key, version } = api;
  const isFlexible = version >= FLEXIBLE;
  const parse = (_correlation: number, _key: number, _version: number, reader: PlatformaticReader) =>
    readFetch(library, version, reader);
  const send = (connection: PlatformaticConnection, ...args: unknown[]) => {
    const callback = args.pop() as Callback;
    const create = () => createRequest(...args);
    connection.send(key, version, create, parse, isFlexible, isFlexible, callback);
  };
  return Object.assign(send, { key, version });
}

/** @throws where bytes are missing */
export function readFetch(
  library: PlatformaticLibrary,
  version: number,
  reader: PlatformaticReader,
): FetchAnswer {
  const isFlexible = version >= FLEXIBLE;
  // Throttle time.
  reader.readInt32();
  const errorCode = version >= SESSIONS ? reader.readInt16() : 0;
  // Session id.
  if (version >= SESSIONS) reader.readInt32();
  const responses = reader.readArray(
    () => ({
      topicId: version >= TOPIC_IDS ? reader.readUUID() : reader.readString(isFlexible),
      partitions: reader.readArray(() => readPartition(library, version, reader), isFlexible, isFlexible),
    }),
    isFlexible,
    isFlexible,
  );
  return { errorCode, responses };
}

function readPartition(
  library: PlatformaticLibrary,
  version: number,
  reader: PlatformaticReader,
): FetchedPartition {
  const isFlexible = version >= FLEXIBLE;
  const partitionIndex = reader.readInt32();
  const errorCode = reader.readInt16();
  // High watermark and last stable offset.
  reader.readInt64();
  reader.readInt64();
  if (version >= LOG_START) reader.readInt64();
  const abortedTransactions = reader.readNullableArray(
    () => ({ producerId: reader.readInt64(), firstOffset: reader.readInt64() }),
    isFlexible,
    isFlexible,
  );
  // Preferred read replica.
  if (version >= REPLICA) reader.readInt32();
  const bytes = reader.readNullableBytes(isFlexible);
  const records = bytes && new UndecodedBatches(library, bytes);
  return { partitionIndex, errorCode, abortedTransactions, records };
}
