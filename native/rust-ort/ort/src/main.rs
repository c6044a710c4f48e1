//! ONNX Runtime from Rust, on the shared library that the job names: that of the Python package.

use std::path::Path;
use std::sync::OnceLock;

use ort::session::builder::{GraphOptimizationLevel, SessionBuilder};
use ort::session::Session;
use ort::value::TensorRef;
use runner::failure::Result;
use runner::library::fault_of;
use runner::program::require_network;
use runner::{Batch, Engine, Failure, Job, Kind, Program};
use serde_json::{json, Map, Value};

const LEVELS: [&str; 4] = ["disable", "basic", "extended", "all"];
const SPINNING: [&str; 2] = ["on", "off"];
const ORT: &str = "2.0.0-rc.13";

fn main() {
    runner::program::main(&Program {
        name: "emch-rust-ort",
        version: env!("CARGO_PKG_VERSION"),
        backends: &["rust-onnxruntime", "rust-onnxruntime-int8"],
        libraries: &[("ort", ORT), ("tokenizers", "0.23")],
        options: &["optimization", "spinning"],
        open: |job| Ok(Box::new(OnnxRuntime::open(job)?)),
    })
}

/// A session, with what it was asked for.
struct OnnxRuntime {
    session: Session,
    has_types: bool,
    types: Vec<i64>,
    optimization: String,
    spinning: String,
    library: String,
}

impl OnnxRuntime {
    fn open(job: &Job) -> Result<Self> {
        let path = job.library("onnxruntime")?;
        let library = load_library(path)?;
        require_network(&job.model.network)?;
        let optimization = job.text_option("optimization", &LEVELS, "all")?;
        let spinning = job.text_option("spinning", &SPINNING, "on")?;
        let failed = |words: String| {
            Failure::new(
                Kind::LoadFailed,
                format!(
                    "{} could not be loaded ({words}): run 'emch prepare', or take another release",
                    job.model.network.display()
                ),
            )
        };
        let session = build(job.threads()?, &optimization, spinning == "on")
            .and_then(|mut builder| {
                builder
                    .commit_from_file(&job.model.network)
                    .map_err(|error| error.to_string())
            })
            .map_err(failed)?;
        Ok(OnnxRuntime {
            has_types: session
                .inputs()
                .iter()
                .any(|input| input.name() == "token_type_ids"),
            types: Vec::new(),
            session,
            optimization,
            spinning,
            library,
        })
    }
}

/// Load the library once a process; return its version.
fn load_library(path: &Path) -> Result<String> {
    static LOADED: OnceLock<Result<String>> = OnceLock::new();
    LOADED
        .get_or_init(|| {
            let unusable = |words: &str| {
                Failure::new(
                    Kind::Unavailable,
                    format!(
                        "{} cannot be used as ONNX Runtime ({words}): install onnxruntime 1.20 or \
                         later again",
                        path.display()
                    ),
                )
            };
            if let Some(fault) = fault_of(path) {
                return Err(unusable(&fault));
            }
            let environment = ort::init_from(path).map_err(|error| unusable(&error.to_string()))?;
            environment.with_telemetry(false).commit();
            let name = path
                .file_name()
                .map(|name| name.to_string_lossy().into_owned());
            let version =
                name.and_then(|name| name.split_once(".so.").map(|(_, end)| end.to_owned()));
            Ok(version.unwrap_or_else(|| ort::info().to_owned()))
        })
        .clone()
}

/// The options of a session; no execution provider is named, since that would switch the arena off.
fn build(
    threads: usize,
    optimization: &str,
    spinning: bool,
) -> std::result::Result<SessionBuilder, String> {
    let level = match optimization {
        "disable" => GraphOptimizationLevel::Disable,
        "basic" => GraphOptimizationLevel::Level1,
        "extended" => GraphOptimizationLevel::Level2,
        _ => GraphOptimizationLevel::All,
    };
    let words = |error: ort::Error<SessionBuilder>| error.to_string();
    Session::builder()
        .map_err(|error| error.to_string())?
        .with_intra_threads(threads)
        .map_err(words)?
        .with_optimization_level(level)
        .map_err(words)?
        .with_intra_op_spinning(spinning)
        .map_err(words)
}

impl Engine for OnnxRuntime {
    fn run(&mut self, batch: &Batch) -> Result<(Vec<f32>, usize)> {
        let failed = |error: ort::Error| {
            Failure::new(
                Kind::LoadFailed,
                format!("the network cannot be run ({error})"),
            )
        };
        let shape = [batch.rows.len(), batch.length];
        let tensor = |values| TensorRef::from_array_view((shape, values)).map_err(failed);
        let (ids, mask) = (tensor(&batch.ids[..])?, tensor(&batch.mask[..])?);
        let outputs = if self.has_types {
            self.types.resize(batch.ids.len().max(self.types.len()), 0);
            let types = tensor(&self.types[..batch.ids.len()])?;
            self.session.run(ort::inputs! {
                "input_ids" => ids, "attention_mask" => mask, "token_type_ids" => types,
            })
        } else {
            self.session
                .run(ort::inputs! { "input_ids" => ids, "attention_mask" => mask })
        }
        .map_err(failed)?;
        let (shape, states) = outputs[0].try_extract_tensor::<f32>().map_err(failed)?;
        let hidden = shape.last().copied().unwrap_or(0);
        Ok((states.to_vec(), hidden as usize))
    }

    fn account(&self) -> Map<String, Value> {
        Map::from_iter([
            ("provider".to_owned(), json!("CPUExecutionProvider")),
            (
                "library".to_owned(),
                json!(format!("onnxruntime {} by ort {ORT}", self.library)),
            ),
            ("optimization".to_owned(), json!(self.optimization)),
            ("spinning".to_owned(), json!(self.spinning)),
        ])
    }
}
