import type { Membership } from '@velo/engine';
import { checkNames, VeloError } from '@velo/retry-core';

/** What a consumer of the client may be given, as velo's own member takes it. */
export interface MemberConfig {
  /** ms */
  readonly sessionTimeout: number;
  /** ms */
  readonly rebalanceTimeout: number;
  /** ms */
  readonly heartbeatInterval: number;
  /** ms. How long an idle fetch waits for records. */
  readonly maxWaitTime: number;
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly maxBytesPerPartition: number;
  /** ms. After that, new partitions are seen. */
  readonly metadataMaxAge: number;
  /** 1: committed records only. */
  readonly isolation: number;
  /** `group.instance.id` of a static member. */
  readonly instanceId: string | null;
}

/** As `ConsumerConfig.client` takes them: options of @platformatic/kafka's `Consumer`. */
const NAMES = {
  sessionTimeout: true,
  rebalanceTimeout: true,
  heartbeatInterval: true,
  maxWaitTime: true,
  minBytes: true,
  maxBytes: true,
  maxBytesPerPartition: true,
  metadataMaxAge: true,
  isolationLevel: true,
  groupInstanceId: true,
  groupProtocol: true,
} as const;

/** Where the user says nothing else. */
const DEFAULTS = {
  /** A dead member holds its partitions for so long. */
  sessionTimeout: 10_000,
  rebalanceTimeout: 60_000,
  /** A member hears of a rebalance with its heartbeat. */
  heartbeatInterval: 1_000,
  maxWaitTime: 500,
  minBytes: 1,
  /** Of larger answers more is still in use when V8 clears away, see `withUndecodedFetches`. */
  maxBytes: 524_288,
  maxBytesPerPartition: 131_072,
  metadataMaxAge: 2_000,
} as const;

const READ_UNCOMMITTED = 0;
const READ_COMMITTED = 1;
const MOST = 2 ** 31 - 1;

/** @throws {VeloError} `VELO_INVALID_OPTION`, or `VELO_NOT_SUPPORTED` for the consumer protocol of KIP-848 */
export function memberConfig({ client = {}, transactional = false }: Membership): MemberConfig {
  checkNames(client, NAMES, 'client of consumer()');
  const given = client as { readonly [name: string]: unknown };
  if (given.groupProtocol !== undefined && given.groupProtocol !== 'classic')
    throw new VeloError(
      'VELO_NOT_SUPPORTED',
      "client.groupProtocol is 'consumer', and with @platformatic/kafka velo joins by the classic protocol alone. Nothing was read. Leave the option out: brokers let a group go from one protocol to the other.",
    );
  const number = (name: keyof typeof DEFAULTS): number => {
    const value = given[name] ?? DEFAULTS[name];
    if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MOST) return value;
    throw invalid(name, 'a whole number from 0 to 2147483647');
  };
  const { isolationLevel = READ_COMMITTED, groupInstanceId } = given;
  if (isolationLevel !== READ_COMMITTED && isolationLevel !== READ_UNCOMMITTED)
    throw invalid('isolationLevel', 'FetchIsolationLevels.READ_COMMITTED or READ_UNCOMMITTED');
  if (groupInstanceId !== undefined && (typeof groupInstanceId !== 'string' || groupInstanceId === ''))
    throw invalid('groupInstanceId', 'a text that is not empty');
  return {
    sessionTimeout: number('sessionTimeout'),
    rebalanceTimeout: number('rebalanceTimeout'),
    heartbeatInterval: Math.max(1, number('heartbeatInterval')),
    maxWaitTime: number('maxWaitTime'),
    minBytes: Math.max(1, number('minBytes')),
    maxBytes: number('maxBytes'),
    maxBytesPerPartition: number('maxBytesPerPartition'),
    metadataMaxAge: Math.max(1, number('metadataMaxAge')),
    // Copies of aborted transactions are not read.
    isolation: !transactional && isolationLevel === READ_UNCOMMITTED ? READ_UNCOMMITTED : READ_COMMITTED,
    instanceId: groupInstanceId ?? null,
  };
}

function invalid(name: string, expected: string): VeloError {
  return new VeloError(
    'VELO_INVALID_OPTION',
    `client.${name} of consumer() takes ${expected}. The consumer has not joined, and nothing was read. See the options of @platformatic/kafka's Consumer.`,
  );
}
