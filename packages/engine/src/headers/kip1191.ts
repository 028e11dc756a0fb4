import { MAX_GROUP, MAX_TOPIC } from './bounds.js';
import { decimal, inRange, offsetOf, partitionOf, text } from './header-values.js';
import { type HeaderProfile, MAX_ATTEMPTS } from './profile.js';

const PREFIX = '__dlq.errors.';
/** The brokers' count is a `short`. */
const MAX_DELIVERIES = 0x7fff;

/** What the brokers write for share groups (KIP-1191, ShareGroupDLQRecordHelper), all text. */
export const kip1191Headers: HeaderProfile = {
  name: 'kip1191',
  binary: false,
  owns: (name) => name.startsWith(PREFIX),
  write: ({ topic, partition, offset, group, attempts, error }) => [
    [`${PREFIX}topic`, topic],
    [`${PREFIX}partition`, partition],
    [`${PREFIX}offset`, offset],
    [`${PREFIX}group`, group],
    [`${PREFIX}delivery.count`, Math.min(attempts, MAX_DELIVERIES)],
    [`${PREFIX}message`, error.message],
  ],
  read: (headers) => ({
    topic: text(headers.get(`${PREFIX}topic`), MAX_TOPIC),
    partition: partitionOf(decimal(headers.get(`${PREFIX}partition`))),
    offset: offsetOf(decimal(headers.get(`${PREFIX}offset`))),
    group: text(headers.get(`${PREFIX}group`), MAX_GROUP),
    attempts: inRange(decimal(headers.get(`${PREFIX}delivery.count`)), 0, MAX_ATTEMPTS),
  }),
  errorHeaders: () => ({ message: `${PREFIX}message` }),
};
