//! What a training starts from, and the model as something trainable.

use std::collections::HashSet;
use std::sync::Arc;

use super::activations::Activations;
use super::features::Features;
use super::pixels::Pixels;
use super::{RunPlan, TrainRequest, TrainingPhotos};
use crate::embedder::{Backbone, Head, HeadKind, Lite, ModelFile, Threads};
use crate::embedding::EmbeddingMatrix;
use crate::library::PhotoId;
use crate::teach::LabelSource;
use crate::train::{
    Augmentation, Depth, HeadModel, Inputs as TrainInputs, NetworkModel, TrainError, Trainable, Weights, embed,
};
use crate::work::each_photo::Job;
use crate::work::model::{BASE_DIM, ModelChoice, OpenModel, base_head, open_model};
use crate::work::{Library, Viewer, WorkError};

/// Photos whose activations may be in memory at once: measured, 1.7 GB when every layer is trained. Larger batches are
/// computed in pieces, with the same gradient.
const PHOTOS_AT_ONCE: usize = 64;

/// The parent with the head that is trained on from.
pub(super) struct Start {
    pub(super) parent: OpenModel,
    pub(super) head: Head,
}

impl Start {
    /// The model named by the request; the base model's head is computed anew when another dimension is asked for.
    pub(super) fn of(viewer: &Viewer, request: &TrainRequest) -> Result<Self, WorkError> {
        let choice = request.parent.as_deref().map_or(ModelChoice::Base, ModelChoice::named);
        let mut parent = open_model(viewer, &choice)?;
        if request.dim != BASE_DIM {
            if choice != ModelChoice::Base {
                return Err(WorkError::DimOfParent { model: parent.name, dim: parent.head.dim() });
            }
            parent.head = base_head(viewer, request.dim)?;
        }
        let head = affine(&parent.head)?;
        Ok(Self { parent, head })
    }

    /// As the run began: the parent's network, and the head among the weights that a checkpoint calls its start.
    pub(super) fn of_run(viewer: &Viewer, plan: &RunPlan, began: &Weights) -> Result<Self, WorkError> {
        let file = match plan.parent {
            Some(id) => Some(ModelFile::for_backbone(&viewer.reader().model_weights(id)?, viewer.backbone().id())?),
            None => None,
        };
        let array = |name| began.get(name).map_err(TrainError::from);
        let (weight, bias) = (array(HeadModel::WEIGHT)?, array(HeadModel::BIAS)?);
        let features = weight.shape.last().copied().unwrap_or(0);
        let head = Head::trained(features, weight.values.clone(), bias.values.clone())?;
        let tail = file.and_then(|file| file.tail);
        let file = ModelFile { tail, ..ModelFile::of_head(viewer.backbone().id().to_owned(), head.clone()) };
        Ok(Self { parent: OpenModel::of_file(viewer, &plan.parent_name, &file)?, head })
    }

    /// As a model that can embed.
    pub(super) fn model(&self) -> OpenModel {
        let parent = &self.parent;
        OpenModel {
            name: parent.name.clone(),
            network: Arc::clone(&parent.network),
            head: self.head.clone(),
            tail: parent.tail.clone(),
            key: None,
            record: parent.record.clone(),
        }
    }

    /// Whether every layer of the parent was trained, so that there is nothing to keep activations of.
    pub(super) fn is_trained_whole(&self) -> bool {
        self.parent.tail.as_ref().is_some_and(|tail| Lite::cut_of(tail).is_ok_and(|cut| cut == 0))
    }

    /// Where the network is cut: everything its parent had trained is trained on.
    pub(super) fn cut(&self, depth: Depth, wanted: usize) -> Result<usize, WorkError> {
        match (&self.parent.tail, depth) {
            (_, Depth::Full) => Ok(0),
            (Some(tail), Depth::Tail) => match Lite::cut_of(tail)? {
                0 => Err(WorkError::WholeNetworkTrained(self.parent.name.clone())),
                cut => Ok(cut.min(wanted)),
            },
            (None, _) | (_, Depth::Head) => Ok(wanted),
        }
    }
}

/// A head that can be trained: the raw one as the identity.
fn affine(head: &Head) -> Result<Head, WorkError> {
    if head.kind() != HeadKind::Raw {
        return Ok(head.clone());
    }
    let dim = head.dim();
    let identity = (0..dim * dim).map(|i| if i / dim == i % dim { 1.0 } else { 0.0 }).collect();
    Ok(Head::trained(dim, identity, vec![0.0; dim])?)
}

/// A network as one whose end can be trained.
fn trainable(network: &dyn Backbone) -> Result<&Lite, WorkError> {
    network.lite().ok_or_else(|| WorkError::NotTrainable(network.id().to_owned()))
}

/// Where the photos of a training come from.
pub(super) enum Inputs<'a> {
    Features(Features),
    Activations(Box<Activations<'a>>, usize),
    Pixels(Pixels<'a>),
}

impl<'a> Inputs<'a> {
    /// Those of one depth; nothing is computed yet. Cut before block `cut` where the depth is `tail`.
    pub(super) fn of(
        library: &Library,
        viewer: &'a Viewer,
        start: &Start,
        (depth, cut): (Depth, usize),
        photos: &[PhotoId],
    ) -> Result<Self, WorkError> {
        let lite = || trainable(viewer.backbone());
        Ok(match depth {
            Depth::Head => Self::Features(Features::of(library, viewer, &start.parent, photos)?),
            Depth::Tail => Self::Activations(Box::new(Activations::new(library, viewer, lite()?, cut, photos)?), cut),
            Depth::Full => Self::Pixels(Pixels::new(library, viewer, lite()?, photos)?),
        })
    }

    /// Computes what can be computed once, as far as `limit` bytes of cache reach, and leaves out of `photos` what cannot
    /// be read.
    pub(super) fn prepare(
        &mut self,
        library: &Library,
        start: &Start,
        (photos, labels): (&mut TrainingPhotos, &LabelSource),
        limit: u64,
        job: &mut Job<'_>,
    ) -> Result<(), WorkError> {
        let validation: HashSet<usize> = photos.set.validation.iter().copied().collect();
        let all: Vec<usize> = (0..photos.set.photos.len()).collect();
        let (validated, trained): (Vec<usize>, Vec<usize>) = all.iter().partition(|number| validation.contains(number));
        let unusable = match self {
            Self::Features(features) => features.prepare(&start.parent, job)?,
            Self::Activations(activations, _) => activations.prepare(library, (&trained, &validated), limit, job)?,
            Self::Pixels(pixels) => pixels.prepare(&all, job)?,
        };
        photos.leave_out(&unusable, labels)
    }

    /// The model over these inputs, with the weights it starts from, where the network computes.
    pub(super) fn model(&'a self, start: &Start) -> Result<Model<'a>, WorkError> {
        let device = &start.parent.network.device();
        let head = (start.head.weight(), start.head.bias());
        let network = |cut, inputs, augmentation| -> Result<NetworkModel<'a>, WorkError> {
            let tail = trainable(&*start.parent.network)?.tail(cut, device)?.on(Threads::Pool);
            Ok(NetworkModel::new(tail, head, inputs, augmentation, device)?.at_once(PHOTOS_AT_ONCE))
        };
        Ok(match self {
            Self::Features(features) => {
                Model::Head(HeadModel::new(features, head.0, head.1, device)?.on(Threads::Pool))
            }
            Self::Activations(activations, cut) => Model::Network(network(*cut, &**activations, Augmentation::Mirror)?),
            Self::Pixels(pixels) => Model::Network(network(0, pixels, Augmentation::Parts)?),
        })
    }
}

/// A model in training.
pub(super) enum Model<'a> {
    Head(HeadModel<'a>),
    Network(NetworkModel<'a>),
}

impl Model<'_> {
    /// As the loop takes it.
    pub(super) fn trainable(&self) -> &dyn Trainable {
        match self {
            Self::Head(model) => model,
            Self::Network(model) => model,
        }
    }

    /// The embeddings of photos whose inputs these are, by the weights it has now.
    pub(super) fn embed(&self, inputs: &TrainInputs) -> Result<EmbeddingMatrix, TrainError> {
        let photos: Vec<usize> = (0..inputs.len()).collect();
        match self {
            Self::Head(model) => embed(&model.over(inputs), &photos),
            Self::Network(model) => embed(&model.over(inputs), &photos),
        }
    }

    /// The model with these weights as a file. Leaves them in the model.
    pub(super) fn file(&self, weights: &Weights, start: &Start) -> Result<ModelFile, WorkError> {
        weights.load_into(&self.trainable().parameters())?;
        let array = |name| weights.get(name).map_err(TrainError::from);
        let (weight, bias) = (array(HeadModel::WEIGHT)?, array(HeadModel::BIAS)?);
        let head = Head::trained(start.head.feature_dim(), weight.values.clone(), bias.values.clone())?;
        let network = &start.parent.network;
        let backbone = network.lite().map_or_else(|| network.id(), Lite::base_id).to_owned();
        let tail = match self {
            Self::Head(_) => start.parent.tail.clone(),
            Self::Network(model) => Some(model.tail().to_safetensors()?),
        };
        Ok(ModelFile { backbone, head, tail, about: None })
    }
}
