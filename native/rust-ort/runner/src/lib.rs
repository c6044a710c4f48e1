//! Everything around the network: jobs, texts, tasks and results, as docs/native-runners.md has them.
//!
//! A program brings an [`Engine`] and a [`Program`] that opens it; [`program::main`] does the rest.

pub mod account;
pub mod answers;
pub mod dataset;
pub mod engine;
pub mod failure;
pub mod job;
pub mod library;
pub mod output;
pub mod pooling;
pub mod program;
pub mod search;
pub mod tasks;
pub mod texts;
pub mod timing;

pub use engine::Engine;
pub use failure::{Failure, Kind};
pub use job::Job;
pub use program::Program;
pub use texts::Batch;
