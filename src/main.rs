//! tripletui
fn main() {}
