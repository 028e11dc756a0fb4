//! "Optimized Exponential Calculations" of the specification.

use std::time::Duration;

pub enum RetryStrategy {
    FixedInterval(Duration),
    ExponentialBackoff { initial: Duration, max: Duration, multiplier: f64 },
    LinearBackoff { initial: Duration, increment: Duration, max: Duration },
}

fn at_most(delay: Duration, max: Duration) -> Duration {
    if delay > max {
        max
    } else {
        delay
    }
}

pub fn calculate_retry_delay(strategy: &RetryStrategy, attempt_number: u32) -> Duration {
    match strategy {
        RetryStrategy::FixedInterval(interval) => *interval,
        RetryStrategy::ExponentialBackoff { initial, max, multiplier } => {
            if (*multiplier - 2.0).abs() < f64::EPSILON {
                let shift = attempt_number.min(6);
                at_most(Duration::from_secs(initial.as_secs() << shift), *max)
            } else if (*multiplier - 1.5).abs() < f64::EPSILON {
                static LOOKUP_1_5: &[f64] =
                    &[1.0, 1.5, 2.25, 3.375, 5.0625, 7.59375, 11.390625, 17.0859375];
                let factor = LOOKUP_1_5
                    .get(attempt_number as usize)
                    .copied()
                    .unwrap_or_else(|| multiplier.powi(attempt_number as i32));
                at_most(Duration::from_secs_f64(initial.as_secs_f64() * factor), *max)
            } else {
                let delay = initial.as_secs_f64() * multiplier.powi(attempt_number as i32);
                at_most(Duration::from_secs_f64(delay), *max)
            }
        }
        RetryStrategy::LinearBackoff { initial, increment, max } => {
            at_most(*initial + *increment * attempt_number, *max)
        }
    }
}
