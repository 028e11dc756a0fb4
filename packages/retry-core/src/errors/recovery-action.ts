/**
 * The one thing to do about an error:
 * - `retry`: repeat the call as it is
 * - `refresh-metadata`: fetch the cluster's metadata anew, then repeat the call
 * - `abort-transaction`: abort the transaction and do its work again
 * - `restart-client`: make a new producer or consumer; this one is of no more use
 * - `fix-configuration`: a person must change something: credentials, permissions, settings, a request
 * - `dead-letter`: this record can never be accepted
 */
export type RecoveryAction =
  | 'retry'
  | 'refresh-metadata'
  | 'abort-transaction'
  | 'restart-client'
  | 'fix-configuration'
  | 'dead-letter';

/** Every action, in the order of the generated table. */
export const recoveryActions: readonly RecoveryAction[] = [
  'retry',
  'refresh-metadata',
  'abort-transaction',
  'restart-client',
  'fix-configuration',
  'dead-letter',
];

/** Whether the action amounts to repeating the same call on the same client. */
export function isRetryAction(action: RecoveryAction): boolean {
  return action === 'retry' || action === 'refresh-metadata';
}
