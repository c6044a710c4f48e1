//! Texts to embeddings on a loaded engine, and what that took.

use std::time::Instant;

use tokenizers::Tokenizer;

use crate::engine::Engine;
use crate::failure::{Failure, Result};
use crate::job::Model;
use crate::pooling::{normalize, pool};
use crate::texts::{batches, tokenize};

/// Tokens and operations that were counted, and seconds of the parts.
#[derive(Debug, Default)]
pub struct Spent {
    pub tokens: u64,
    pub flop: u64,
    pub tokenize_s: f64,
    pub pool_s: f64,
    /// Of each call of the engine.
    pub batch_s: Vec<f64>,
}

/// An engine with what is around it.
pub struct Encoder<'a> {
    pub engine: Box<dyn Engine>,
    pub tokenizer: &'a Tokenizer,
    pub model: &'a Model,
}

impl Encoder<'_> {
    /// Encode texts of a role; return the embeddings one behind another, and their size.
    ///
    /// `unit` scales them to length 1 also where the model does not.
    pub fn encode(
        &mut self,
        texts: &[String],
        role: &str,
        batch_size: usize,
        unit: bool,
        spent: &mut Spent,
    ) -> Result<(Vec<f32>, usize)> {
        let prompt = self.model.prompts.get(role).map_or("", String::as_str);
        let texts: Vec<String> = texts.iter().map(|text| format!("{prompt}{text}")).collect();
        let began = Instant::now();
        let tokens = tokenize(self.tokenizer, &texts)?;
        spent.tokenize_s += began.elapsed().as_secs_f64();
        for text in &tokens {
            spent.tokens += text.len() as u64;
            spent.flop += self.count_flop(text.len() as u64);
        }
        let mut found = Vec::new();
        let mut size = 0;
        for batch in batches(&tokens, batch_size, self.model.pad_id) {
            let began = Instant::now();
            let (states, hidden) = self.engine.run(&batch)?;
            let ran = Instant::now();
            let mut pooled = pool(&states, hidden, &batch, &self.model.pooling)?;
            if unit || self.model.normalize {
                normalize(&mut pooled, hidden);
            }
            if size == 0 {
                size = hidden;
                found = vec![0.0; texts.len() * size];
            }
            for (&row, embedding) in batch.rows.iter().zip(pooled.chunks_exact(hidden)) {
                found[row * size..][..size].copy_from_slice(embedding);
            }
            spent.batch_s.push((ran - began).as_secs_f64());
            spent.pool_s += ran.elapsed().as_secs_f64();
        }
        if size == 0 {
            return Err(Failure::invalid("there are no texts to encode: give some"));
        }
        Ok((found, size))
    }

    /// The operations of one text's matrix products; see `count_flop` in emch/models/settings.py.
    fn count_flop(&self, tokens: u64) -> u64 {
        2 * tokens * (self.model.linear_size + 2 * self.model.attention_size * tokens)
    }
}
