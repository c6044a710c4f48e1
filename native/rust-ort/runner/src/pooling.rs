//! From hidden states to embeddings.

use crate::failure::{Failure, Kind, Result};
use crate::texts::Batch;

/// The poolings that there are, by the names of sentence-transformers.
pub const POOLINGS: [&str; 2] = ["mean", "cls"];

/// Below this length an embedding is not scaled any further, as in PyTorch's `normalize`.
const LEAST: f32 = 1e-12;

/// Pool hidden states of shape [texts, tokens, hidden] into [texts, hidden], by the job's word for it.
pub fn pool(states: &[f32], hidden: usize, batch: &Batch, pooling: &str) -> Result<Vec<f32>> {
    let wanted = batch.rows.len() * batch.length * hidden;
    if states.len() != wanted || hidden == 0 {
        return Err(Failure::new(
            Kind::LoadFailed,
            format!(
                "the network gives {} numbers where {wanted} are expected",
                states.len()
            ),
        ));
    }
    let mut pooled = vec![0.0; batch.rows.len() * hidden];
    let texts = pooled
        .chunks_exact_mut(hidden)
        .zip(states.chunks_exact(batch.length * hidden));
    for (text, (sum, tokens)) in texts.enumerate() {
        let mask = &batch.mask[text * batch.length..][..batch.length];
        if pooling == "cls" {
            sum.copy_from_slice(&tokens[..hidden]);
            continue;
        }
        for (state, _) in tokens
            .chunks_exact(hidden)
            .zip(mask)
            .filter(|(_, &one)| one == 1)
        {
            for (total, value) in sum.iter_mut().zip(state) {
                *total += value;
            }
        }
        let count = (mask.iter().sum::<i64>() as f32).max(1e-9);
        sum.iter_mut().for_each(|value| *value /= count);
    }
    Ok(pooled)
}

/// Scale each row of [texts, size] to length 1.
pub fn normalize(embeddings: &mut [f32], size: usize) {
    for row in embeddings.chunks_exact_mut(size) {
        let length = row
            .iter()
            .map(|value| value * value)
            .sum::<f32>()
            .sqrt()
            .max(LEAST);
        row.iter_mut().for_each(|value| *value /= length);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATES: [f32; 8] = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 70.0, 80.0];

    fn batch() -> Batch {
        Batch {
            rows: vec![0, 1],
            length: 2,
            ids: vec![0; 4],
            mask: vec![1, 1, 1, 0],
        }
    }

    #[test]
    fn padding_counts_for_nothing() {
        assert_eq!(
            pool(&STATES, 2, &batch(), "mean"),
            Ok(vec![2.0, 3.0, 5.0, 6.0])
        );
        assert_eq!(
            pool(&STATES, 2, &batch(), "cls"),
            Ok(vec![1.0, 2.0, 5.0, 6.0])
        );
    }

    #[test]
    fn states_of_another_size_are_refused() {
        assert!(pool(&STATES[..6], 2, &batch(), "mean").is_err());
    }

    #[test]
    fn rows_are_scaled_and_zeros_stay() {
        let mut rows = [3.0, 4.0, 0.0, 0.0];
        normalize(&mut rows, 2);
        assert_eq!(rows, [0.6, 0.8, 0.0, 0.0]);
    }
}
