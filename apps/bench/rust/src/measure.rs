//! Nanoseconds per call, by blocks of calls; the loop around them measured the same way.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// A block lasts at least so long, so that the clock's own cost does not count.
const BLOCK: Duration = Duration::from_micros(100);

pub struct Timing {
    pub ns: f64,
    pub p99: f64,
    pub loop_ns: f64,
}

/// Calls `f` with each input in turn for `budget`; the median block counts.
pub fn measure<T, R>(inputs: &[T], budget: Duration, mut f: impl FnMut(&T) -> R) -> Timing {
    let (ns, p99) = blocks(inputs, budget.mul_f64(0.8), |input| {
        black_box(f(black_box(input)));
    });
    let (loop_ns, _) = blocks(inputs, budget.mul_f64(0.2), |input| {
        black_box(black_box(input));
    });
    Timing { ns, p99, loop_ns }
}

fn blocks<T>(inputs: &[T], budget: Duration, mut call: impl FnMut(&T)) -> (f64, f64) {
    let mut pass = |times: usize| {
        let started = Instant::now();
        for _ in 0..times {
            for input in inputs {
                call(input);
            }
        }
        started.elapsed()
    };
    let mut times = 1;
    while pass(times) < BLOCK {
        times *= 2;
    }
    let calls = (times * inputs.len()) as f64;
    let mut samples = Vec::new();
    let end = Instant::now() + budget;
    while samples.len() < 12 || Instant::now() < end {
        samples.push(pass(times).as_nanos() as f64 / calls);
    }
    samples.sort_by(f64::total_cmp);
    let at = |share: f64| samples[((samples.len() - 1) as f64 * share) as usize];
    (at(0.5), at(0.99))
}
