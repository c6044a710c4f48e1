//! What the three engines are given, and how they are timed: the same for all.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::{anyhow, Result};

/// Batch size and tokens of what is timed.
pub const SHAPES: [(usize, usize); 3] = [(1, 128), (16, 24), (16, 128)];

const WARM: usize = 2;
const CALLS: usize = 7;

/// The file or folder that the command line names.
pub fn asked() -> Result<PathBuf> {
    let path = std::env::args_os().nth(1);
    path.map(PathBuf::from)
        .ok_or_else(|| anyhow!("give the file of the network"))
}

/// Token ids of a shape, none of which is a special one.
pub fn ids(batch: usize, tokens: usize) -> Vec<i64> {
    let each = |place: usize| 1000 + (place as i64 * 7919) % 20_000;
    (0..batch * tokens).map(each).collect()
}

/// Print the median of some calls in milliseconds, and the sum and the first of the hidden states.
pub fn report(
    engine: &str,
    (batch, tokens): (usize, usize),
    mut call: impl FnMut() -> Result<Vec<f32>>,
) -> Result<()> {
    for _ in 0..WARM {
        call()?;
    }
    let mut seconds = Vec::with_capacity(CALLS);
    let mut states = Vec::new();
    for _ in 0..CALLS {
        let start = Instant::now();
        states = call()?;
        seconds.push(start.elapsed().as_secs_f64());
    }
    seconds.sort_by(f64::total_cmp);
    let first: Vec<f32> = states.iter().take(3).copied().collect();
    println!(
        "{engine} {batch} x {tokens}: {:.1} ms, states {first:?}",
        1e3 * seconds[CALLS / 2]
    );
    Ok(())
}
