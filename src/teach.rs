//! What a person says about photos: labels from files, and the triplets that follow.

mod label_file;
mod labels;

pub use label_file::{LabelFileError, LabelRow, parse_csv, parse_jsonl, read_label_file};
pub use labels::{LabelSource, Labelled, ParseLabelSourceError, Placed};
