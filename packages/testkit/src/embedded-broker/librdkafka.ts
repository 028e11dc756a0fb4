import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import koffi from 'koffi';

/** A pointer that C handed out; only ever passed back. */
export type Pointer = unknown;

/** node-rdkafka's own librdkafka, so that one build serves the client and the broker. */
function libraryPath(): string {
  const root = dirname(createRequire(import.meta.url).resolve('node-rdkafka/package.json'));
  const name = process.platform === 'darwin' ? 'librdkafka.1.dylib' : 'librdkafka.so.1';
  const path = join(root, 'build', 'deps', name);
  if (existsSync(path)) return path;
  throw new Error(`${path} is missing: node-rdkafka has not been compiled; run \`npm run build\` at the top`);
}

/** The functions of `rdkafka.h` and `rdkafka_mock.h` that the embedded broker calls. */
function bind() {
  const library = koffi.load(libraryPath());
  return {
    confNew: library.func('void *rd_kafka_conf_new()'),
    confSet: library.func(
      'int rd_kafka_conf_set(void *conf, str name, str value, void *errstr, size_t size)',
    ),
    newHandle: library.func('void *rd_kafka_new(int type, void *conf, void *errstr, size_t size)'),
    destroyHandle: library.func('void rd_kafka_destroy(void *rk)'),
    errorName: library.func('str rd_kafka_err2name(int code)'),

    clusterNew: library.func('void *rd_kafka_mock_cluster_new(void *rk, int brokers)'),
    clusterDestroy: library.func('void rd_kafka_mock_cluster_destroy(void *mc)'),
    bootstraps: library.func('str rd_kafka_mock_cluster_bootstraps(void *mc)'),
    setApiVersion: library.func(
      'int rd_kafka_mock_set_apiversion(void *mc, int16 key, int16 min, int16 max)',
    ),
    rebalanceDelay: library.func('void rd_kafka_mock_group_initial_rebalance_delay_ms(void *mc, int32 ms)'),

    topicCreate: library.func(
      'int rd_kafka_mock_topic_create(void *mc, str topic, int partitions, int replicas)',
    ),
    topicSetError: library.func('void rd_kafka_mock_topic_set_error(void *mc, str topic, int code)'),
    setLeader: library.func(
      'int rd_kafka_mock_partition_set_leader(void *mc, str topic, int32 partition, int32 id)',
    ),
    setCoordinator: library.func('int rd_kafka_mock_coordinator_set(void *mc, str type, str key, int32 id)'),

    pushErrors: library.func(
      'void rd_kafka_mock_push_request_errors_array(void *mc, int16 key, size_t count, int *codes)',
    ),
    pushAnswers: library.func(
      'int rd_kafka_mock_broker_push_request_error_rtts(void *mc, int32 id, int16 key, size_t count, ...)',
    ),
    clearErrors: library.func('void rd_kafka_mock_clear_request_errors(void *mc, int16 key)'),

    brokerDown: library.func('int rd_kafka_mock_broker_set_down(void *mc, int32 id)'),
    brokerUp: library.func('int rd_kafka_mock_broker_set_up(void *mc, int32 id)'),
    roundTripTime: library.func('int rd_kafka_mock_broker_set_rtt(void *mc, int32 id, int ms)'),

    trackRequests: library.func('void rd_kafka_mock_start_request_tracking(void *mc)'),
    clearRequests: library.func('void rd_kafka_mock_clear_requests(void *mc)'),
    requests: library.func('void *rd_kafka_mock_get_requests(void *mc, _Out_ size_t *count)'),
    requestBroker: library.func('int32 rd_kafka_mock_request_id(void *request)'),
    requestKey: library.func('int16 rd_kafka_mock_request_api_key(void *request)'),
    destroyRequests: library.func('void rd_kafka_mock_request_destroy_array(void *requests, size_t count)'),
  };
}

export type Librdkafka = ReturnType<typeof bind>;

let bound: Librdkafka | undefined;

/** Loads the library at the first call: a test that needs no broker needs no compiler either. */
export function librdkafka(): Librdkafka {
  bound ??= bind();
  return bound;
}

/** The elements of a C array of pointers. */
export function pointers(array: Pointer, count: number): Pointer[] {
  return count === 0 ? [] : koffi.decode(array, 'void *', count);
}
