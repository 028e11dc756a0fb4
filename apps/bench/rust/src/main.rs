//! The hot paths of the specification as it describes them, to compare with.
//!
//! Reads one request a line, `path<TAB>milliseconds<TAB>input<TAB>input…`, and answers each with one line of JSON:
//! nanoseconds per call. The inputs come from outside, so that nothing can be folded away and both languages work on
//! the same ones.

mod delays;
mod durations;
mod errors;
mod measure;
mod metrics;

use delays::{calculate_retry_delay, RetryStrategy};
use errors::ErrorCategory::*;
use measure::{measure, Timing};
use std::io::{stdin, stdout, BufRead, Write};
use std::time::Duration;

fn main() {
    for line in stdin().lock().lines() {
        let line = line.expect("a line of text");
        let mut fields = line.split('\t');
        let path = fields.next().unwrap_or("");
        let ms = fields.next().and_then(|text| text.parse().ok()).unwrap_or(50);
        let inputs: Vec<String> = fields.map(String::from).collect();
        let answer = match run(path, &inputs, Duration::from_millis(ms)) {
            Some(Timing { ns, p99, loop_ns }) => {
                format!("{{\"ns\":{ns:.3},\"p99\":{p99:.3},\"loopNs\":{loop_ns:.3}}}")
            }
            None => String::from("null"),
        };
        println!("{answer}");
        stdout().flush().expect("an open pipe");
    }
}

fn numbers<T: std::str::FromStr + Default>(inputs: &[String]) -> Vec<T> {
    inputs.iter().map(|text| text.parse().unwrap_or_default()).collect()
}

fn run(path: &str, inputs: &[String], budget: Duration) -> Option<Timing> {
    let seconds = Duration::from_secs;
    let delay = |strategy: RetryStrategy| {
        let indexes: Vec<u32> = numbers(inputs);
        measure(&indexes, budget, |index| calculate_retry_delay(&strategy, *index))
    };
    let exponential = |multiplier: f64| {
        delay(RetryStrategy::ExponentialBackoff { initial: seconds(1), max: seconds(60), multiplier })
    };
    let metrics = metrics::RetryMetrics::default();
    Some(match path {
        "parse" => measure(inputs, budget, |text| durations::parse_duration(text)),
        "delay-x2" => exponential(2.0),
        "delay-x1.5" => exponential(1.5),
        "delay-x1.7" => exponential(1.7),
        "delay-linear" => delay(RetryStrategy::LinearBackoff {
            initial: seconds(1),
            increment: seconds(1),
            max: seconds(60),
        }),
        "delay-fixed" => delay(RetryStrategy::FixedInterval(seconds(1))),
        "metrics-error" => {
            let known = [TopicMissing, NetworkIssue, AuthenticationIssue, ConfigurationIssue, Unknown];
            let categories: Vec<_> = numbers::<usize>(inputs).iter().map(|i| known[i % 5]).collect();
            let timing = measure(&categories, budget, |category| {
                metrics.record_attempt_with_error(category)
            });
            assert!(metrics.attempts() > 0);
            timing
        }
        "metrics-success" => {
            let timing = measure(inputs, budget, |_| metrics.record_attempt_with_success());
            assert!(metrics.attempts() > 0);
            timing
        }
        "code" => {
            let codes: Vec<i32> = numbers(inputs);
            measure(&codes, budget, |code| errors::categorize_code(*code))
        }
        "message" => measure(inputs, budget, |message| errors::categorize_message(message)),
        _ => return None,
    })
}
