import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type FaultProxy, startFaultProxy } from '../fault-proxy/fault-proxy.js';
import { freePorts } from '../support/ports.js';
import { externalKafka } from './external-kafka.js';
import { kafkaClassPath, kafkaVersion } from './jars.js';
import type { KafkaCluster, KafkaOptions } from './kafka-cluster.js';
import { KafkaNode } from './kafka-node.js';
import { type NodePorts, serverProperties } from './server-properties.js';

const PORTS_PER_NODE = 5;

const LOGGING = `<Configuration status="ERROR">
  <Appenders><Console name="out"><PatternLayout pattern="%d %p %c{1} %m%n"/></Console></Appenders>
  <Loggers>
    <Logger name="kafka.server.KafkaRaftServer" level="info"/>
    <Root level="warn"><AppenderRef ref="out"/></Root>
  </Loggers>
</Configuration>
`;

async function choosePorts(nodes: number, proxied: boolean): Promise<NodePorts[]> {
  const ports = await freePorts(nodes * PORTS_PER_NODE);
  const next = () => ports.pop() as number;
  return Array.from({ length: nodes }, () => {
    const client = next();
    return {
      internal: next(),
      controller: next(),
      sasl: next(),
      client,
      advertised: proxied ? next() : client,
    };
  });
}

/** Writes a node's files and formats its disk. */
async function prepareNode(
  id: number,
  ports: readonly NodePorts[],
  context: {
    readonly folder: string;
    readonly classPath: string;
    readonly clusterId: string;
    readonly options: KafkaOptions;
  },
): Promise<KafkaNode> {
  const { folder, classPath, clusterId, options } = context;
  const home = join(folder, `node-${id}`);
  const properties = join(home, 'server.properties');
  const logging = join(home, 'log4j2.xml');
  const log = join(home, 'kafka.log');
  await mkdir(home);
  const config = {
    users: options.users ?? {},
    superUsers: options.superUsers,
    properties: options.properties ?? {},
  };
  await writeFile(properties, serverProperties(id, ports, join(home, 'data'), config));
  await writeFile(logging, LOGGING);
  const java = [
    '-XX:TieredStopAtLevel=1',
    '-XX:+UseSerialGC',
    '-Xshare:auto',
    `-Dlog4j2.configurationFile=${logging}`,
  ];
  const format = ['kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', properties];
  await promisify(execFile)('java', [...java, '-cp', classPath, ...format]);
  return new KafkaNode(id, {
    classPath,
    properties,
    logging,
    log,
    heap: options.heap ?? (ports.length > 1 ? 384 : 512),
  });
}

/**
 * Starts a real Apache Kafka from Maven: one node serves after about 3 s, three after about 9. Its data lives in
 * a temporary folder. Where `KAFKA_BROKERS` names a cluster and the options ask for nothing that only our own
 * can do, that one is used instead.
 */
export async function startKafka(options: KafkaOptions = {}): Promise<KafkaCluster> {
  const external = externalKafka(options);
  if (external) return external;

  const { nodes: size = 1, proxied = false } = options;
  const [classPath, ports] = await Promise.all([
    kafkaClassPath(kafkaVersion(options.version)),
    choosePorts(size, proxied),
  ]);
  const folder = await mkdtemp(join(tmpdir(), 'velo-kafka-'));
  // Kafka's tool takes an id that begins with a dash for an option.
  const clusterId = randomBytes(16).toString('base64url').replace(/^-/, 'v');
  let keep = false;
  const proxies: FaultProxy[] = [];
  const nodes: KafkaNode[] = [];

  const stop = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node.kill()));
    await Promise.all(proxies.map((proxy) => proxy.stop()));
    if (!keep) return rm(folder, { recursive: true, force: true });
    await Promise.all(
      nodes.map(({ id }) => rm(join(folder, `node-${id}`, 'data'), { recursive: true, force: true })),
    );
  };
  const find = <T>(list: readonly T[], id: number, what: string): T => {
    const found = list[id - 1];
    if (found === undefined) throw new RangeError(`there is no ${what} ${id}`);
    return found;
  };

  try {
    if (proxied) {
      for (const { client, advertised } of ports) {
        proxies.push(await startFaultProxy({ target: client, port: advertised }));
      }
    }
    const context = { folder, classPath, clusterId, options };
    nodes.push(...(await Promise.all(ports.map((_, index) => prepareNode(index + 1, ports, context)))));
    await Promise.all(nodes.map((node) => node.start()));
  } catch (error) {
    await stop();
    throw error;
  }

  const brokers = ports.map(({ advertised }) => `127.0.0.1:${advertised}`);
  return {
    bootstrapServers: brokers.join(','),
    brokers,
    saslBrokers: ports.map(({ sasl }) => `127.0.0.1:${sasl}`),
    external: false,
    nodes,
    node: (id) => find(nodes, id, 'node'),
    proxy: (id) => find(proxies, id, 'proxy'),
    keepLogs() {
      if (!keep) console.warn(`the logs of Kafka are kept in ${folder}`);
      keep = true;
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
