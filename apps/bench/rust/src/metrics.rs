//! "Batch Atomic Operations" of the specification.

use crate::errors::ErrorCategory;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

#[derive(Default)]
pub struct RetryMetrics {
    attempts_total: AtomicU64,
    successes_total: AtomicU64,
    topic_missing_total: AtomicU64,
    network_errors_total: AtomicU64,
    authentication_total: AtomicU64,
    configuration_total: AtomicU64,
    unknown_total: AtomicU64,
}

impl RetryMetrics {
    #[inline]
    pub fn record_attempt_with_error(&self, category: &ErrorCategory) {
        self.attempts_total.fetch_add(1, Relaxed);
        match category {
            ErrorCategory::TopicMissing => self.topic_missing_total.fetch_add(1, Relaxed),
            ErrorCategory::NetworkIssue => self.network_errors_total.fetch_add(1, Relaxed),
            ErrorCategory::AuthenticationIssue => self.authentication_total.fetch_add(1, Relaxed),
            ErrorCategory::ConfigurationIssue => self.configuration_total.fetch_add(1, Relaxed),
            ErrorCategory::Unknown => self.unknown_total.fetch_add(1, Relaxed),
        };
    }

    #[inline]
    pub fn record_attempt_with_success(&self) {
        self.attempts_total.fetch_add(1, Relaxed);
        self.successes_total.fetch_add(1, Relaxed);
    }

    pub fn attempts(&self) -> u64 {
        self.attempts_total.load(Relaxed)
    }
}
