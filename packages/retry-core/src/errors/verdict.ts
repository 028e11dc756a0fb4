import type { ErrorCategory } from '../error-category.js';
import { findKafkaError } from './find-kafka-error.js';
import { isRetryAction, type RecoveryAction } from './recovery-action.js';

/** What to do about an error without a code of the table. */
const ACTION_OF_CATEGORY: Readonly<Record<ErrorCategory, RecoveryAction>> = {
  TopicMissing: 'refresh-metadata',
  NetworkIssue: 'retry',
  AuthenticationIssue: 'fix-configuration',
  ConfigurationIssue: 'fix-configuration',
  Unknown: 'retry',
};

/** The action: the code's, if the table has the code, else the category's. */
export function actionFor(facts: {
  readonly category: ErrorCategory;
  readonly code?: number;
}): RecoveryAction {
  const row = facts.code === undefined ? undefined : findKafkaError(facts.code);
  return row?.action ?? ACTION_OF_CATEGORY[facts.category];
}

export function isRetriedVerdict(facts: {
  readonly category: ErrorCategory;
  readonly code?: number;
}): boolean {
  return isRetryAction(actionFor(facts));
}
