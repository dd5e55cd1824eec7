//! The program in a folder of its own: a place for its stores, a photo folder, and commands run against them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use image::{Rgb, RgbImage};
use serde_json::Value;
use tempfile::TempDir;

/// A temporary world: data and cache directories, and a photo folder to fill.
pub(crate) struct World {
    folder: TempDir,
}

impl World {
    pub(crate) fn new() -> Self {
        let world = Self { folder: tempfile::tempdir().unwrap() };
        fs::create_dir(world.photos()).unwrap();
        world
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn photos(&self) -> PathBuf {
        self.path("photos")
    }

    /// Draws a picture that differs with `seed` into the photo folder, making its folders.
    pub(crate) fn draw(&self, name: &str, seed: u32) {
        let path = self.photos().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        picture(seed).save(path).unwrap();
    }

    /// The program with its stores in this world.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tripletui"));
        command.arg("--data-dir").arg(self.path("data")).arg("--cache-dir").arg(self.path("cache"));
        command.env_remove("NO_COLOR").args(arguments);
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs `COMMAND PHOTOS REST...`, which must succeed, and reads each line of its output as JSON.
    pub(crate) fn json(&self, command: &str, rest: &[&str]) -> Vec<Value> {
        self.json_of(command, &self.photos(), rest)
    }

    pub(crate) fn json_of(&self, command: &str, folder: &Path, rest: &[&str]) -> Vec<Value> {
        let mut arguments = vec![command, folder.to_str().unwrap()];
        arguments.extend_from_slice(rest);
        arguments.push("--json");
        let output = self.run(&arguments);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    pub(crate) fn index(&self) -> Value {
        self.json("index", &[]).remove(0)
    }
}

/// A picture of its own for every seed: a coloured gradient with a disc.
pub(crate) fn picture(seed: u32) -> RgbImage {
    let channel = |shift: u32| (seed.wrapping_mul(2_654_435_761) >> shift) as u8;
    let (cx, cy) = (40 + i64::from(channel(3)) / 4, 40 + i64::from(channel(11)) / 4);
    RgbImage::from_fn(160, 120, |x, y| {
        let (dx, dy) = (i64::from(x) - cx, i64::from(y) - cy);
        if dx * dx + dy * dy < 30 * 30 {
            Rgb([channel(8), channel(16), channel(24)])
        } else {
            Rgb([(x as u8).wrapping_add(channel(20)), (y as u8).wrapping_add(channel(12)), channel(4)])
        }
    })
}

/// Every file below `folder` with its content, for comparing before and after.
pub(crate) fn contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files: Vec<_> = walkdir::WalkDir::new(folder)
        .into_iter()
        .map(|entry| entry.unwrap().into_path())
        .map(|path| (path.clone(), fs::read(&path).unwrap_or_default()))
        .collect();
    files.sort();
    files
}
