import { MAX_GROUP, MAX_TOPIC } from './bounds.js';
import { decimal, inRange, offsetOf, partitionOf, text, timestampOf } from './header-values.js';
import { type CopyFacts, type HeaderProfile, MAX_ATTEMPTS } from './profile.js';

const VERSION = '1';

type Written = ReturnType<HeaderProfile['write']>;

/** Where a record comes from, and where its retries stand. */
export function stateHeaders({
  topic,
  partition,
  offset,
  timestamp,
  group,
  attempts,
  due,
}: Omit<CopyFacts, 'at' | 'reason' | 'error'>): Written {
  return [
    ['velo-version', VERSION],
    ['velo-group', group],
    ['velo-attempt', attempts],
    ['velo-original-topic', topic],
    ['velo-original-partition', partition],
    ['velo-original-offset', offset],
    ['velo-original-timestamp', timestamp],
    ['velo-due', due],
  ];
}

/** velo's own: all text, times in ms since 1970, `velo-attempt` the number of attempts so far. */
export const veloHeaders: HeaderProfile = {
  name: 'velo',
  binary: false,
  owns: (name) => name.startsWith('velo-'),
  write: ({ reason, error, ...state }) => [
    ...stateHeaders(state),
    ['velo-error-class', error.name],
    ['velo-error-code', error.code],
    ['velo-error-category', error.category],
    ['velo-error-message', error.message],
    ['velo-error-stack', error.stack],
    ['velo-reason', reason],
  ],
  read: (headers) => ({
    topic: text(headers.get('velo-original-topic'), MAX_TOPIC),
    partition: partitionOf(decimal(headers.get('velo-original-partition'))),
    offset: offsetOf(decimal(headers.get('velo-original-offset'))),
    timestamp: timestampOf(decimal(headers.get('velo-original-timestamp'))),
    group: text(headers.get('velo-group'), MAX_GROUP),
    attempts: inRange(decimal(headers.get('velo-attempt')), 0, MAX_ATTEMPTS),
    due: inRange(decimal(headers.get('velo-due')), 0, Number.MAX_SAFE_INTEGER),
  }),
  errorHeaders: () => ({
    name: 'velo-error-class',
    message: 'velo-error-message',
    stack: 'velo-error-stack',
  }),
};
