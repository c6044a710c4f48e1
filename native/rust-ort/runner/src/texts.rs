//! Texts into batches of tokens, sorted by length so that little of a batch is padding.

use std::path::Path;

use tokenizers::Tokenizer;

use crate::failure::{Failure, Kind, Result};
use crate::job::Arrays;

/// Some texts as arrays of shape [texts, tokens], one row behind another.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// The positions of the texts in the input.
    pub rows: Vec<usize>,
    /// Tokens of a row.
    pub length: usize,
    pub ids: Vec<i64>,
    /// 1 on tokens, 0 on padding.
    pub mask: Vec<i64>,
}

impl Batch {
    /// Take what a job has as a batch; its rows must have one length.
    pub fn from_arrays(arrays: &Arrays) -> Result<Self> {
        let length = arrays.input_ids.first().map_or(0, Vec::len);
        let whole = |rows: &[Vec<i64>]| rows.iter().all(|row| row.len() == length);
        let sizes = arrays.input_ids.len() == arrays.attention_mask.len();
        if length == 0 || !sizes || !whole(&arrays.input_ids) || !whole(&arrays.attention_mask) {
            return Err(Failure::invalid(
                "a batch of the job has rows of several lengths, or none: give arrays of one shape",
            ));
        }
        Ok(Batch {
            rows: (0..arrays.input_ids.len()).collect(),
            length,
            ids: arrays.input_ids.concat(),
            mask: arrays.attention_mask.concat(),
        })
    }

    /// The tokens that are no padding.
    pub fn tokens(&self) -> u64 {
        self.mask.iter().sum::<i64>() as u64
    }
}

/// Load a tokenizer, which cuts texts at the model's limit and pads nothing.
pub fn load_tokenizer(path: &Path) -> Result<Tokenizer> {
    if !path.is_file() {
        return Err(Failure::new(
            Kind::Unavailable,
            format!(
                "there is no tokenizer {}: run 'emch prepare'",
                path.display()
            ),
        ));
    }
    Tokenizer::from_file(path).map_err(|error| {
        Failure::new(
            Kind::BrokenArtifact,
            format!(
                "{} is no tokenizer ({error}): run 'emch prepare'",
                path.display()
            ),
        )
    })
}

/// The token ids of each text, the special ones included.
pub fn tokenize(tokenizer: &Tokenizer, texts: &[String]) -> Result<Vec<Vec<u32>>> {
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let found = tokenizer.encode_batch_fast(texts, true).map_err(|error| {
        Failure::new(
            Kind::LoadFailed,
            format!("the texts cannot be made tokens ({error})"),
        )
    })?;
    Ok(found.iter().map(|each| each.get_ids().to_vec()).collect())
}

/// Group texts of like length, the longest first; the last batch may have fewer.
pub fn batches(tokens: &[Vec<u32>], batch_size: usize, pad_id: i64) -> Vec<Batch> {
    let mut order: Vec<usize> = (0..tokens.len()).collect();
    order.sort_by_key(|&row| std::cmp::Reverse(tokens[row].len()));
    order
        .chunks(batch_size)
        .map(|rows| {
            let length = rows.first().map_or(0, |&row| tokens[row].len());
            let mut ids = vec![pad_id; rows.len() * length];
            let mut mask = vec![0; rows.len() * length];
            for (place, &row) in rows.iter().enumerate() {
                let start = place * length;
                for (offset, &token) in tokens[row].iter().enumerate() {
                    ids[start + offset] = i64::from(token);
                    mask[start + offset] = 1;
                }
            }
            Batch {
                rows: rows.to_vec(),
                length,
                ids,
                mask,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn longest_texts_come_first_and_equals_keep_their_order() {
        let tokens = vec![vec![1], vec![2, 3], vec![4], vec![5, 6, 7]];
        let found = batches(&tokens, 2, 9);
        assert_eq!(found[0].rows, [3, 1]);
        assert_eq!(found[0].ids, [5, 6, 7, 2, 3, 9]);
        assert_eq!(found[0].mask, [1, 1, 1, 1, 1, 0]);
        assert_eq!(
            (found[1].rows.as_slice(), found[1].length),
            ([0, 2].as_slice(), 1)
        );
        assert_eq!(found[0].tokens(), 5);
        assert!(batches(&[], 4, 0).is_empty());
    }

    #[test]
    fn arrays_of_several_lengths_are_refused() {
        let arrays = |ids: Vec<Vec<i64>>| Arrays {
            attention_mask: ids.clone(),
            input_ids: ids,
            flop: 1,
        };
        assert!(Batch::from_arrays(&arrays(vec![vec![1, 1], vec![1, 1]])).is_ok());
        assert!(Batch::from_arrays(&arrays(vec![vec![1, 1], vec![1]])).is_err());
        assert!(Batch::from_arrays(&arrays(vec![])).is_err());
    }

    #[test]
    fn missing_and_broken_tokenizers_are_told_apart() {
        let kind = |path: &str| {
            load_tokenizer(Path::new(path))
                .err()
                .map(|found| found.kind)
        };
        assert_eq!(kind("/no/such/tokenizer.json"), Some(Kind::Unavailable));
        assert_eq!(
            kind(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")),
            Some(Kind::BrokenArtifact)
        );
    }
}
