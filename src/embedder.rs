//! From a photo's features to its embedding.

mod head;

pub use head::{Head, HeadError, HeadKind};
