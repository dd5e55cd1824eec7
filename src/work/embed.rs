//! From a file's content to what the store keeps of a photo: one decode serves the features and the thumbnail.

use std::sync::Arc;

use crate::embedder::{Backbone, Scratch};
use crate::library::{GoOn, Header, thumbnail};
use crate::work::Budget;
use crate::work::photo_file::{Content, Unusable};

/// Longer side of a stored thumbnail, in pixels.
pub(super) const THUMBNAIL_SIDE: u32 = 256;

/// What is kept of one photo: facts from its header, features and a thumbnail.
#[derive(Debug)]
pub struct Decoded {
    /// Size, format, camera and date.
    pub header: Header,
    /// JPEG bytes, longer side 256 pixels.
    pub thumbnail: Vec<u8>,
    /// Backbone output, `[backbone.dim()]`, not normalised.
    pub features: Vec<f32>,
}

/// Decodes and embeds one photo on the calling thread, waiting for its share of `budget`. The error is the reason that
/// the list of skipped files shows.
pub(super) fn embed_photo(
    content: &mut Content,
    backbone: &dyn Backbone,
    budget: &Arc<Budget>,
    scratch: &mut Scratch,
    go_on: &GoOn<'_>,
) -> Result<Decoded, Unusable> {
    let shorter_side = backbone.shorter_side().max(THUMBNAIL_SIDE);
    let (header, image, thumbnail) = content.decode(budget, shorter_side, go_on, |header, photo| {
        let thumbnail = thumbnail(&photo, THUMBNAIL_SIDE).map_err(|error| error.to_string())?;
        Ok((header.clone(), backbone.preprocess(&photo), thumbnail))
    })?;
    let features = backbone.features(&image, scratch).map_err(|error| Unusable::Because(error.to_string()))?;
    Ok(Decoded { header, thumbnail, features })
}
