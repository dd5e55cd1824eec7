//! What a person says about photos: labels from files, and the triplets that follow.

mod label_file;

pub use label_file::{LabelFileError, LabelRow, parse_csv, parse_jsonl, read_label_file};
