//! A weights file against the table of the network it is to fill: nothing may be missing, of another shape, or too much.

use super::table::Table;
use super::{HubNetwork, Tensors};
use crate::embedder::{EmbedderError, weights};
use candle_core::{Device, Tensor};
use safetensors::SafeTensors;
use std::collections::HashSet;

/// The tensors of `network` in f32.
pub(super) fn read(bytes: &[u8], network: HubNetwork) -> Result<Tensors, EmbedderError> {
    let file = SafeTensors::deserialize(bytes).map_err(|e| EmbedderError::NotSafetensors(e.to_string()))?;
    let table = best_table(&file, network);
    if let Err(wrong) = check(&file, &table, network) {
        let other = HubNetwork::ALL.into_iter().find(|other| check(&file, &best_table(&file, *other), *other).is_ok());
        return Err(other.map_or(wrong, |other| EmbedderError::OtherNetwork(other.name())));
    }
    let tensor = |(name, shape): (String, Vec<usize>)| {
        let values = weights::numbers(&file, &name, &shape)?;
        Ok((name, Tensor::from_vec(values, shape, &Device::Cpu)?))
    };
    table.0.into_iter().map(tensor).collect()
}

/// Of the ways of naming the tensors of `network`, the one that most names in the file follow.
fn best_table(file: &SafeTensors<'_>, network: HubNetwork) -> Table {
    let names: HashSet<&str> = file.names().into_iter().collect();
    let known = |table: &Table| table.0.iter().filter(|(name, _)| names.contains(name.as_str())).count();
    network.tables().into_iter().rev().max_by_key(known).unwrap_or_default()
}

fn check(file: &SafeTensors<'_>, table: &Table, network: HubNetwork) -> Result<(), EmbedderError> {
    for (name, expected) in &table.0 {
        let Ok(tensor) = file.tensor(name) else { return Err(lacking(file, name)) };
        if tensor.shape() != expected {
            let (expected, got) = (expected.clone(), tensor.shape().to_vec());
            return Err(EmbedderError::Shape { name: name.clone(), expected, got });
        }
    }
    let expected: HashSet<&str> = table.0.iter().map(|(name, _)| name.as_str()).collect();
    let known = |name: &str| {
        expected.contains(name) || network.beside().contains(&name) || name.ends_with(".num_batches_tracked")
    };
    let mut surplus: Vec<&str> = file.names().into_iter().filter(|name| !known(name)).collect();
    surplus.sort_unstable();
    surplus.first().map_or(Ok(()), |name| Err(EmbedderError::Surplus((*name).to_owned())))
}

fn lacking(file: &SafeTensors<'_>, name: &str) -> EmbedderError {
    let mut names = file.names();
    names.sort_unstable();
    let first = names.first().map(|first| (*first).to_owned());
    EmbedderError::Lacking { name: name.to_owned(), count: names.len(), first }
}
