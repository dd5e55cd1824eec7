//! Training and models through the backend, with an outbox in place of the screen, on a library whose features are made up.

mod bench;
mod first_rows;
mod guard;
mod killed;
mod live;
mod models;
mod steering;
mod training;
mod watched;
