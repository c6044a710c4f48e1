//! candle on the safetensors of a folder, by its own BERT.

use anyhow::Result;
use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;
use candle_transformers::models::bert::{BertModel, Config};
use rust_engines::{asked, ids, report, SHAPES};

fn main() -> Result<()> {
    let folder = asked()?;
    let config: Config = serde_json::from_slice(&std::fs::read(folder.join("config.json"))?)?;
    let weights = std::fs::read(folder.join("model.safetensors"))?;
    let builder = VarBuilder::from_buffered_safetensors(weights, DType::F32, &Device::Cpu)?;
    let model = BertModel::load(builder, &config)?;
    for shape in SHAPES {
        let (batch, tokens) = shape;
        let all = Tensor::from_vec(ids(batch, tokens), (batch, tokens), &Device::Cpu)?;
        let types = all.zeros_like()?;
        report("candle", shape, || {
            let states = model.forward(&all, &types, None)?;
            Ok(states.flatten_all()?.to_vec1::<f32>()?)
        })?;
    }
    Ok(())
}
