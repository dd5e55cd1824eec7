//! One step: embed a batch, mine it, differentiate the loss, clip. The weights do not move here.

use candle_core::backprop::GradStore;
use candle_core::{DType, Tensor, Var};

use super::events::Lengths;
use super::{Parameter, Settings, TrainError, Trainable};
use crate::library::PhotoId;
use crate::triplet::{
    Batch, BatchStatistics, DistanceMatrix, Generator, LossTerm, Mined, Reduction, SampledBatch, mine, mix,
    triplet_loss, unit_length,
};

/// Gradients in the order of the parameters, and what was measured on the way.
pub(super) struct Differentiated {
    pub gradients: Option<Vec<Option<Tensor>>>,
    pub loss: Option<f64>,
    pub mined_loss: Option<f64>,
    pub user_loss: Option<f64>,
    pub mined: Mined,
    pub statistics: BatchStatistics,
    pub distances: DistanceMatrix,
    pub lengths: Lengths,
    pub finite: bool,
}

/// The random choices of a step.
pub(super) struct Generators<'a> {
    pub mining: &'a mut Generator,
    pub augmentation: &'a mut Generator,
}

/// Embeds `batch` and differentiates its loss. `ids` are the photos of all rows.
///
/// When the model cannot hold the whole batch, it is embedded in pieces without keeping activations, the loss is
/// differentiated with respect to the embeddings, and each piece is embedded again to carry its part back (Gao et al.
/// 2021, "Scaling Deep Contrastive Learning Batch Size under Memory Limited Setup", arXiv 2101.06983): the same
/// gradient, as no layer looks across photos.
pub(super) fn differentiate(
    model: &dyn Trainable,
    batch: &SampledBatch,
    ids: &[PhotoId],
    settings: &Settings,
    generators: Generators<'_>,
) -> Result<Differentiated, TrainError> {
    let parameters = model.parameters();
    let piece = model.photos_at_once().max(1);
    let augmentation = generators.augmentation;
    if batch.photos.len() <= piece {
        let rows = model.forward(&batch.photos, Some(augmentation))?;
        let (outcome, store) = measure(&rows, batch, ids, settings, generators.mining)?;
        let gradients = store.map(|store| collect(&parameters, &store));
        return Ok(Differentiated { gradients, ..outcome });
    }
    let mut replay = augmentation.clone();
    let pieces = batch.photos.chunks(piece).map(|photos| Ok(model.forward(photos, Some(augmentation))?.detach()));
    let rows = Var::from_tensor(&Tensor::cat(&pieces.collect::<Result<Vec<_>, TrainError>>()?, 0)?)?;
    let (outcome, store) = measure(&rows, batch, ids, settings, generators.mining)?;
    let Some(store) = store else { return Ok(outcome) };
    let Some(towards) = store.get(&rows) else { return Ok(outcome) };
    let mut sums: Vec<Option<Tensor>> = vec![None; parameters.len()];
    for (number, photos) in batch.photos.chunks(piece).enumerate() {
        let again = model.forward(photos, Some(&mut replay))?;
        let part = towards.narrow(0, number * piece, photos.len())?;
        let store = (again * part)?.sum_all()?.backward()?;
        for (sum, gradient) in sums.iter_mut().zip(collect(&parameters, &store)) {
            *sum = match (sum.take(), gradient) {
                (Some(sum), Some(gradient)) => Some((sum + gradient)?.detach()),
                (one, other) => one.or(other),
            };
        }
    }
    Ok(Differentiated { gradients: Some(sums), ..outcome })
}

fn collect(parameters: &[Parameter], store: &GradStore) -> Vec<Option<Tensor>> {
    parameters.iter().map(|p| store.get(p.var.as_tensor()).map(Tensor::detach)).collect()
}

/// Statistics, mining and loss of embeddings not yet of unit length; the gradients when there is a loss to learn from.
fn measure(
    rows: &Tensor, /* [b, d] */
    batch: &SampledBatch,
    ids: &[PhotoId],
    settings: &Settings,
    mining: &mut Generator,
) -> Result<(Differentiated, Option<GradStore>), TrainError> {
    let unit = unit_length(rows)?;
    let mined_rows = batch.labels.len();
    let dim = unit.dim(1)?;
    let plain: Vec<f32> = unit.narrow(0, 0, mined_rows)?.flatten_all()?.to_vec1()?;
    let lengths = lengths(rows)?;
    let finite = lengths.mean.is_finite() && plain.iter().all(|value| value.is_finite());
    let ids = ids.get(..mined_rows).unwrap_or(ids);
    let (distance, margin) = (settings.distance, settings.margin);
    let distances = DistanceMatrix::of(&plain, dim, distance);
    let of_batch = Batch::new(&batch.labels, ids, &distances)?;
    let statistics = BatchStatistics::of(&plain, &of_batch, distance, margin);
    let mined = mine(settings.mining, &of_batch, margin, mining);
    let of_mined = triplet_loss(&unit, &mined.triplets, distance, margin, settings.mining.reduction())?;
    let of_user = triplet_loss(&unit, &batch.user_triplets, distance, margin, Reduction::MeanOverTriplets)?;
    let total = mix(of_mined.as_ref(), of_user.as_ref(), settings.user_share)?;
    let number = |term: &LossTerm| scalar(&term.value);
    let (mined_loss, user_loss) =
        (of_mined.as_ref().map(number).transpose()?, of_user.as_ref().map(number).transpose()?);
    let loss = total.as_ref().map(scalar).transpose()?;
    let finite = finite && loss.is_none_or(f64::is_finite);
    let store = total.filter(|_| finite).map(|total| total.backward()).transpose()?;
    let outcome =
        Differentiated { gradients: None, loss, mined_loss, user_loss, mined, statistics, distances, lengths, finite };
    Ok((outcome, store))
}

fn scalar(tensor: &Tensor) -> Result<f64, candle_core::Error> {
    Ok(f64::from(tensor.to_dtype(DType::F32)?.to_scalar::<f32>()?))
}

fn lengths(rows: &Tensor /* [b, d] */) -> Result<Lengths, TrainError> {
    let lengths: Vec<f32> = rows.detach().sqr()?.sum(1)?.sqrt()?.to_dtype(DType::F32)?.to_vec1()?;
    let of = |fold: fn(f64, f64) -> f64, first| lengths.iter().fold(first, |sum, l| fold(sum, f64::from(*l)));
    let mean = of(|sum, length| sum + length, 0.0) / lengths.len().max(1) as f64;
    let least = if lengths.is_empty() { 0.0 } else { of(f64::min, f64::INFINITY) };
    Ok(Lengths { least, mean, most: of(f64::max, 0.0) })
}
