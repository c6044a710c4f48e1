//! Callers that call an engine over and over, all at once.

use std::sync::Barrier;
use std::time::Instant;

use crate::engine::Engine;
use crate::failure::{Failure, Kind, Result};
use crate::texts::Batch;

/// How often a caller goes through all batches before it is timed.
const WARM_ROUNDS: usize = 2;

/// When a caller stops: after both minima, or at the maximum.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Of each caller.
    pub min_calls: usize,
    pub min_seconds: f64,
    pub max_seconds: f64,
}

impl Limits {
    /// Whether a caller that has made `calls` in `seconds` stops.
    fn reached(&self, calls: usize, seconds: f64) -> bool {
        (calls >= self.min_calls && seconds >= self.min_seconds) || seconds >= self.max_seconds
    }
}

/// The seconds of each call by caller, and from the common start to the last end.
pub struct Timing {
    pub call_s: Vec<Vec<f64>>,
    pub elapsed_s: f64,
}

/// Warm the engines up one after another, then let each call in a thread of its own.
pub fn measure(
    engines: &mut [Box<dyn Engine>],
    batches: &[Batch],
    limits: Limits,
) -> Result<Timing> {
    for engine in engines.iter_mut() {
        for batch in batches.iter().cycle().take(WARM_ROUNDS * batches.len()) {
            engine.run(batch)?;
        }
    }
    if let [engine] = engines {
        let call_s = call(engine.as_mut(), batches, limits)?;
        let elapsed_s = call_s.iter().sum();
        return Ok(Timing {
            call_s: vec![call_s],
            elapsed_s,
        });
    }
    let ready = Barrier::new(engines.len());
    let began = Instant::now();
    let found = std::thread::scope(|scope| {
        let callers: Vec<_> = engines
            .iter_mut()
            .map(|engine| {
                scope.spawn(|| {
                    ready.wait();
                    let start = began.elapsed().as_secs_f64();
                    let call_s = call(engine.as_mut(), batches, limits)?;
                    Ok((call_s, start, began.elapsed().as_secs_f64()))
                })
            })
            .collect();
        callers
            .into_iter()
            .map(|caller| {
                caller.join().unwrap_or_else(|_| {
                    Err(Failure::new(
                        Kind::LoadFailed,
                        "a caller failed inside of the engine",
                    ))
                })
            })
            .collect::<Result<Vec<(Vec<f64>, f64, f64)>>>()
    })?;
    let start = found
        .iter()
        .map(|each| each.1)
        .fold(f64::INFINITY, f64::min);
    let end = found.iter().map(|each| each.2).fold(0.0, f64::max);
    Ok(Timing {
        call_s: found.into_iter().map(|each| each.0).collect(),
        elapsed_s: end - start,
    })
}

/// The seconds of each call; what passes between two calls belongs to the second.
fn call(engine: &mut dyn Engine, batches: &[Batch], limits: Limits) -> Result<Vec<f64>> {
    let mut samples = Vec::new();
    let start = Instant::now();
    let mut before = start;
    for batch in batches.iter().cycle() {
        std::hint::black_box(engine.run(batch)?);
        let now = Instant::now();
        samples.push((now - before).as_secs_f64());
        before = now;
        if limits.reached(samples.len(), (now - start).as_secs_f64()) {
            break;
        }
    }
    Ok(samples)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Map, Value};

    struct Still;

    impl Engine for Still {
        fn run(&mut self, batch: &Batch) -> Result<(Vec<f32>, usize)> {
            Ok((vec![0.0; batch.ids.len()], 1))
        }

        fn account(&self) -> Map<String, Value> {
            Map::new()
        }
    }

    fn timed(callers: usize, limits: Limits) -> Option<Timing> {
        let batch = Batch {
            rows: vec![0],
            length: 1,
            ids: vec![1],
            mask: vec![1],
        };
        let mut engines: Vec<Box<dyn Engine>> = Vec::new();
        engines.resize_with(callers, || Box::new(Still));
        measure(&mut engines, &[batch], limits).ok()
    }

    #[test]
    fn each_caller_makes_its_calls() {
        let limits = Limits {
            min_calls: 5,
            min_seconds: 0.0,
            max_seconds: 9.0,
        };
        for callers in [1, 3] {
            let found = timed(callers, limits).map(|timing| timing.call_s);
            let counts = found.map(|all| all.iter().map(Vec::len).collect::<Vec<_>>());
            assert_eq!(counts, Some(vec![5; callers]));
        }
    }

    #[test]
    fn maximum_ends_it_before_the_minimum_of_calls() {
        let limits = Limits {
            min_calls: usize::MAX,
            min_seconds: 0.0,
            max_seconds: 0.01,
        };
        assert!(timed(1, limits).is_some_and(|timing| timing.elapsed_s < 5.0));
    }
}
