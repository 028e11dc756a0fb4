import type { EmbeddedBroker, EmbeddedBrokerOptions } from './embedded-broker.js';
import { librdkafka, type Pointer, pointers } from './librdkafka.js';
import { REQUEST_KEYS, requestName } from './request-names.js';

const PRODUCER = 0;

/** librdkafka's LeaveGroup 3 lacks the members that kafkajs expects in the answer. */
const LEAVE_GROUP_MAX_VERSION = 2;

/** In flexible versions it takes the tags of a list's item for the next item, and closes the connection. */
const JOIN_GROUP_MAX_VERSION = 5;
const SYNC_GROUP_MAX_VERSION = 3;

/** At the end of the process the library is unloaded, and threads that still run in it would crash. */
const running = new Set<() => void>();

function destroyAtExit(destroy: () => void): void {
  if (running.size === 0) process.on('exit', destroyAll);
  running.add(destroy);
}

function forget(destroy: () => void): void {
  running.delete(destroy);
  if (running.size === 0) process.off('exit', destroyAll);
}

function destroyAll(): void {
  for (const destroy of running) destroy();
}

/** Starts a cluster; several may run side by side in one process. */
export async function startEmbeddedBroker(options: EmbeddedBrokerOptions = {}): Promise<EmbeddedBroker> {
  const {
    brokers: size = 1,
    defaultPartitions = 4,
    groupRebalanceDelay = 50,
    trackRequests = false,
  } = options;
  if (!(Number.isInteger(size) && size > 0)) {
    throw new RangeError(`brokers must be a whole number above 0, not ${size}`);
  }

  const native = librdkafka();
  const conf = native.confNew();
  native.confSet(conf, 'log_level', '0', null, 0); // it would complain that it has no bootstrap servers
  const handle: Pointer = native.newHandle(PRODUCER, conf, null, 0);
  let cluster: Pointer = native.clusterNew(handle, size);
  const live = (): Pointer => {
    if (cluster === undefined) throw new Error('the embedded broker has been stopped');
    return cluster;
  };
  const check = (code: number, what: string): void => {
    if (code !== 0) throw new Error(`${what}: ${native.errorName(code)}`);
  };

  check(native.setApiVersion(live(), REQUEST_KEYS.LeaveGroup, 0, LEAVE_GROUP_MAX_VERSION), 'LeaveGroup');
  check(native.setApiVersion(live(), REQUEST_KEYS.JoinGroup, 0, JOIN_GROUP_MAX_VERSION), 'JoinGroup');
  check(native.setApiVersion(live(), REQUEST_KEYS.SyncGroup, 0, SYNC_GROUP_MAX_VERSION), 'SyncGroup');
  native.rebalanceDelay(live(), groupRebalanceDelay);
  if (trackRequests) native.trackRequests(live());
  const bootstrapServers: string = native.bootstraps(live());

  const destroy = (): void => {
    if (cluster === undefined) return;
    forget(destroy);
    native.clusterDestroy(cluster);
    cluster = undefined;
    native.destroyHandle(handle);
  };
  destroyAtExit(destroy);
  const stop = async (): Promise<void> => destroy();

  return {
    bootstrapServers,
    brokers: bootstrapServers.split(','),
    createTopic(topic, { partitions = defaultPartitions, replicationFactor = Math.min(3, size) } = {}) {
      check(native.topicCreate(live(), topic, partitions, replicationFactor), `createTopic ${topic}`);
    },
    limitVersion(request, newest) {
      check(native.setApiVersion(live(), REQUEST_KEYS[request], 0, newest), `limitVersion ${request}`);
    },
    setTopicError: (topic, code) => native.topicSetError(live(), topic, code),
    setLeader(topic, partition, brokerId) {
      check(
        native.setLeader(live(), topic, partition, brokerId),
        `setLeader ${topic}[${partition}] ${brokerId}`,
      );
    },
    setCoordinator(kind, key, brokerId) {
      check(native.setCoordinator(live(), kind, key, brokerId), `setCoordinator ${kind} ${key} ${brokerId}`);
    },
    pushErrors: (request, codes) =>
      native.pushErrors(live(), REQUEST_KEYS[request], codes.length, [...codes]),
    pushAnswers(brokerId, request, answers) {
      const pairs = answers.flatMap(({ code = 0, delay = 0 }) => ['int', code, 'int', delay]);
      const key = REQUEST_KEYS[request];
      check(
        native.pushAnswers(live(), brokerId, key, answers.length, ...pairs),
        `pushAnswers ${request} ${brokerId}`,
      );
    },
    clearErrors: (request) => native.clearErrors(live(), REQUEST_KEYS[request]),
    brokerDown: (brokerId) => check(native.brokerDown(live(), brokerId), `brokerDown ${brokerId}`),
    brokerUp: (brokerId) => check(native.brokerUp(live(), brokerId), `brokerUp ${brokerId}`),
    setRoundTripTime: (brokerId, ms) =>
      check(native.roundTripTime(live(), brokerId, ms), `setRoundTripTime ${brokerId}`),
    requests() {
      const count = [0];
      const array: Pointer = native.requests(live(), count);
      const found = pointers(array, Number(count[0])).map((request) => ({
        broker: native.requestBroker(request) as number,
        request: requestName(native.requestKey(request)),
      }));
      native.destroyRequests(array, Number(count[0]));
      return found;
    },
    clearRequests: () => native.clearRequests(live()),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
