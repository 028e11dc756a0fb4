/** What kind of trouble an error is. A union, so that a `switch` over it is complete. */
export type ErrorCategory =
  | 'TopicMissing'
  | 'NetworkIssue'
  | 'AuthenticationIssue'
  | 'ConfigurationIssue'
  | 'Unknown';

/** Every category, in the order in which the generated table and the metrics count them. */
export const errorCategories: readonly ErrorCategory[] = [
  'TopicMissing',
  'NetworkIssue',
  'AuthenticationIssue',
  'ConfigurationIssue',
  'Unknown',
];

/** Whether an error of this category is worth another attempt. `Unknown` is, conservatively: with fewer attempts. */
export function isRetriableCategory(category: ErrorCategory): boolean {
  return category !== 'AuthenticationIssue' && category !== 'ConfigurationIssue';
}
