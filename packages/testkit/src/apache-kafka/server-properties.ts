/** The ports of one node, all on loopback. */
export interface NodePorts {
  /** Between brokers. */
  readonly internal: number;
  readonly controller: number;
  /** Where clients connect without a password. */
  readonly client: number;
  /** What clients are told to connect to: the client port, or a proxy in front of it. */
  readonly advertised: number;
  /** Where clients connect with SASL/PLAIN. */
  readonly sasl: number;
}

export interface ServerConfig {
  readonly users: Readonly<Record<string, string>>;
  readonly superUsers: readonly string[] | undefined;
  readonly properties: Readonly<Record<string, string | number | boolean>>;
}

const address = (port: number) => `127.0.0.1:${port}`;

function saslProperties(users: ServerConfig['users']): Record<string, string> {
  const accounts = Object.entries(users).map(([name, password]) => `user_${name}="${password}"`);
  return {
    'sasl.enabled.mechanisms': 'PLAIN',
    'listener.name.sasl.plain.sasl.jaas.config': `org.apache.kafka.common.security.plain.PlainLoginModule required ${accounts.join(' ')};`,
  };
}

/** Brokers talk to each other without a password, so ANONYMOUS must be allowed everything. */
function aclProperties(superUsers: readonly string[]): Record<string, string> {
  return {
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': ['ANONYMOUS', ...superUsers].map((name) => `User:${name}`).join(';'),
    'allow.everyone.if.no.acl.found': 'false',
  };
}

/** The `server.properties` of a node that is broker and controller in one, tuned to start and fail over quickly. */
export function serverProperties(
  id: number,
  cluster: readonly NodePorts[],
  folder: string,
  { users, superUsers, properties }: ServerConfig,
): string {
  const ports = cluster[id - 1] as NodePorts;
  const size = cluster.length;
  const minimumInSync = size > 2 ? 2 : 1;
  const entries = {
    'process.roles': 'broker,controller',
    'node.id': id,
    'log.dirs': folder,
    'controller.quorum.voters': cluster
      .map((node, index) => `${index + 1}@${address(node.controller)}`)
      .join(','),
    listeners: [
      `INTERNAL://${address(ports.internal)}`,
      `CONTROLLER://${address(ports.controller)}`,
      `CLIENT://${address(ports.client)}`,
      `SASL://${address(ports.sasl)}`,
    ].join(','),
    'advertised.listeners': [
      `INTERNAL://${address(ports.internal)}`,
      `CLIENT://${address(ports.advertised)}`,
      `SASL://${address(ports.sasl)}`,
    ].join(','),
    'listener.security.protocol.map':
      'INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT,CLIENT:PLAINTEXT,SASL:SASL_PLAINTEXT',
    'inter.broker.listener.name': 'INTERNAL',
    'controller.listener.names': 'CONTROLLER',

    'auto.create.topics.enable': false,
    'default.replication.factor': size,
    'min.insync.replicas': minimumInSync,
    'offsets.topic.num.partitions': size,
    'offsets.topic.replication.factor': size,
    'transaction.state.log.num.partitions': 3,
    'transaction.state.log.replication.factor': size,
    'transaction.state.log.min.isr': minimumInSync,
    'group.initial.rebalance.delay.ms': 0,
    // A broker that was killed is given up after 4 s, not 9
    'broker.session.timeout.ms': 4_000,
    'broker.heartbeat.interval.ms': 500,

    ...saslProperties(users),
    ...(superUsers === undefined ? {} : aclProperties(superUsers)),
    ...properties,
  };
  return `${Object.entries(entries)
    .map(([key, value]) => `${key}=${value}`)
    .join('\n')}\n`;
}
