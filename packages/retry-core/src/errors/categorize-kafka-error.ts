import type { ErrorCategory } from '../error-category.js';
import { findRootCause } from './root-cause.js';

/**
 * The category of an error that is known to come from Kafka, whatever client made it; of the innermost cause that says
 * anything. Takes any value, always answers, never throws.
 */
export function categorizeKafkaError(error: unknown): ErrorCategory {
  return findRootCause(error).category;
}
