import type { ErrorCategory } from '@velo/retry-core';

/** The codes that the specification names, as its `match` has them. */
export function categorizeCodeBySwitch(code: number): ErrorCategory {
  switch (code) {
    case 3:
    case -188:
      return 'TopicMissing';
    case 7:
    case 8:
    case 13:
    case -187:
    case -195:
      return 'NetworkIssue';
    case 29:
    case 31:
    case 58:
    case -169:
      return 'AuthenticationIssue';
    case 35:
    case 40:
    case 42:
      return 'ConfigurationIssue';
    default:
      return 'Unknown';
  }
}
