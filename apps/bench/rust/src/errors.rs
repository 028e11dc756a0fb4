//! "Zero-Allocation Error Categorization" of the specification. Its `error.to_string()` is left out: what is given
//! is the message, as on the JavaScript side.

#[derive(Clone, Copy, PartialEq)]
pub enum ErrorCategory {
    TopicMissing,
    NetworkIssue,
    AuthenticationIssue,
    ConfigurationIssue,
    Unknown,
}

type Pattern = (fn(&str) -> bool, ErrorCategory);

static ERROR_PATTERNS: &[Pattern] = &[
    (
        |s| {
            s.contains("unknown topic")
                || s.contains("topic does not exist")
                || s.contains("topic not found")
        },
        ErrorCategory::TopicMissing,
    ),
    (
        |s| s.contains("network") || s.contains("connection") || s.contains("broker"),
        ErrorCategory::NetworkIssue,
    ),
    (
        |s| s.contains("auth") || s.contains("permission") || s.contains("unauthorized"),
        ErrorCategory::AuthenticationIssue,
    ),
];

pub fn categorize_message(message: &str) -> ErrorCategory {
    let lower = message.to_lowercase();
    for (matches, category) in ERROR_PATTERNS {
        if matches(&lower) {
            return *category;
        }
    }
    ErrorCategory::Unknown
}

/// Kafka's numbers where the specification matches on rdkafka's enum, which is made from them.
pub fn categorize_code(code: i32) -> ErrorCategory {
    match code {
        3 | -188 => ErrorCategory::TopicMissing,
        7 | 8 | 13 | -187 | -195 => ErrorCategory::NetworkIssue,
        29 | 31 | 58 | -169 => ErrorCategory::AuthenticationIssue,
        35 | 40 | 42 => ErrorCategory::ConfigurationIssue,
        _ => ErrorCategory::Unknown,
    }
}
