//! Integration tests: one binary, because the tensor library is slow to link.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod backbones;
mod bench;
mod commands;
mod config;
#[cfg(unix)]
mod cut_off;
#[path = "../fixtures/drawn_weights.rs"]
mod drawn_weights;
mod dupes;
mod index;
mod large;
mod neighbors;
mod program;
mod real_photos;
mod rooms;
mod screen;
mod training;
mod training_screen;
mod unfinished;
