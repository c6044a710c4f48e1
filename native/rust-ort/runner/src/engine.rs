//! What a program must have: a network that runs batches of tokens.

use serde_json::{Map, Value};

use crate::failure::Result;
use crate::texts::Batch;

/// A loaded network. One thread calls it at a time.
pub trait Engine: Send {
    /// Run one batch; return the last hidden states, of shape [texts, tokens, hidden], and the
    /// length of a hidden state.
    fn run(&mut self, batch: &Batch) -> Result<(Vec<f32>, usize)>;

    /// What it really uses, by the names of the contract: provider, library, and its own options.
    fn account(&self) -> Map<String, Value>;
}
