//! "High-Performance Duration Parsing Cache" of the specification.

use std::collections::HashMap;
use std::sync::{LazyLock, RwLock};
use std::time::Duration;

static DURATION_CACHE: LazyLock<RwLock<HashMap<String, Option<Duration>>>> =
    LazyLock::new(|| RwLock::new(HashMap::with_capacity(64)));

pub fn parse_duration(text: &str) -> Option<Duration> {
    {
        let cache = DURATION_CACHE.read().unwrap();
        if let Some(cached) = cache.get(text) {
            return *cached;
        }
    }
    let result = parse_duration_uncached(text);
    DURATION_CACHE.write().unwrap().insert(text.to_string(), result);
    result
}

/// The specification does not show it; only the first parse of each text comes here.
fn parse_duration_uncached(text: &str) -> Option<Duration> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let number: f64 = text[..end].parse().ok()?;
    let unit = match text[end..].trim().to_lowercase().as_str() {
        "ms" => 0.001,
        "" | "s" => 1.0,
        "m" => 60.0,
        "h" => 3_600.0,
        "d" => 86_400.0,
        _ => return None,
    };
    Some(Duration::from_secs_f64(number * unit))
}
