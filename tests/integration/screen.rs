//! The real program in a pseudo-terminal: keys in, screen out, the terminal given back.

use std::io::{Read, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use crate::program::World;

/// A terminal that draws what the program writes, and tells its status when asked.
pub(crate) struct Terminal {
    parser: Arc<Mutex<vt100::Parser>>,
    keys: Arc<Mutex<Box<dyn Write + Send>>>,
    child: Box<dyn Child + Send + Sync>,
    pty: Box<dyn MasterPty + Send>,
    drawing: JoinHandle<()>,
    is_closed: Arc<AtomicBool>,
}

impl Terminal {
    pub(crate) fn open(world: &World, columns: u16, rows: u16, arguments: &[&str]) -> Self {
        Self::with(world, columns, rows, CommandBuilder::new(env!("CARGO_BIN_EXE_tripletui")), arguments)
    }

    /// The same with what the program prints led through a pipe into a file.
    #[cfg(unix)]
    fn piped(world: &World, output: &Path, arguments: &[&str]) -> Self {
        let mut command = CommandBuilder::new("bash");
        let line = format!("set -o pipefail; \"$0\" \"$@\" | cat > '{}'", output.display());
        command.args(["-c", &line, env!("CARGO_BIN_EXE_tripletui")]);
        Self::with(world, 120, 30, command, arguments)
    }

    fn with(world: &World, columns: u16, rows: u16, mut command: CommandBuilder, arguments: &[&str]) -> Self {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pty = native_pty_system().openpty(size).unwrap();
        command.args(["--data-dir", world.path("data").to_str().unwrap()]);
        command.args(["--cache-dir", world.path("cache").to_str().unwrap()]);
        command.args(arguments);
        command.env("TERM", "xterm-256color");
        command.env_remove("TMUX");
        let child = pty.slave.spawn_command(command).unwrap();
        let parser = Arc::new(Mutex::new(vt100::Parser::new(rows, columns, 0)));
        let keys = Arc::new(Mutex::new(pty.master.take_writer().unwrap()));
        let mut output = pty.master.try_clone_reader().unwrap();
        let (drawn, answers) = (Arc::clone(&parser), Arc::clone(&keys));
        let is_closed = Arc::new(AtomicBool::new(false));
        let closed = Arc::clone(&is_closed);
        let drawing = thread::Builder::new()
            .spawn(move || {
                let mut bytes = [0; 4096];
                while let Ok(read @ 1..) = output.read(&mut bytes) {
                    if closed.load(Ordering::Relaxed) {
                        return;
                    }
                    drawn.lock().unwrap().process(&bytes[..read]);
                    if bytes[..read].windows(4).any(|window| window == b"\x1b[5n") {
                        answers.lock().unwrap().write_all(b"\x1b[0n").unwrap();
                    }
                }
            })
            .unwrap();
        Self { parser, keys, child, pty: pty.master, drawing, is_closed }
    }

    pub(crate) fn text(&self) -> String {
        self.parser.lock().unwrap().screen().contents()
    }

    pub(crate) fn press(&self, keys: &str) {
        self.keys.lock().unwrap().write_all(keys.as_bytes()).unwrap();
    }

    /// Presses Esc and waits until these words are gone: with the next key right behind it, it would be another key.
    pub(crate) fn escape(&self, gone: &str) {
        self.wait_for(&[gone]);
        self.press("\x1b");
        self.wait_until(&format!("the end of {gone:?}"), |text| !text.contains(gone));
    }

    /// Waits until the screen holds all these words; shows it when it never does.
    pub(crate) fn wait_for(&self, words: &[&str]) {
        self.wait_until(&format!("{words:?}"), |text| words.iter().all(|word| text.contains(word)));
    }

    /// Waits until the screen is as it should be; shows it when it never is. Returns its text.
    pub(crate) fn wait_until(&self, what: &str, is_so: impl Fn(&str) -> bool) -> String {
        // Only for what never comes: a busy machine may take its time.
        let deadline = Instant::now() + Duration::from_secs(300);
        loop {
            let text = self.text();
            if is_so(&text) {
                return text;
            }
            assert!(Instant::now() < deadline, "{what} never appeared on\n{text}");
            assert!(!text.contains("this is a mistake in tripletui"), "{text}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Sends the program a signal.
    #[cfg(unix)]
    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let id = self.child.process_id().unwrap().cast_signed();
        rustix::process::kill_process(rustix::process::Pid::from_raw(id).unwrap(), signal).unwrap();
    }

    /// Closes the window of a program that goes on drawing, and waits for the end of the program.
    #[cfg(unix)]
    pub(crate) fn close(self) {
        let Self { keys, mut child, pty, drawing, is_closed, .. } = self;
        // The other end hangs up when nobody here holds it any more.
        is_closed.store(true, Ordering::Relaxed);
        drawing.join().unwrap();
        drop((keys, pty));
        assert_ne!(child.wait().unwrap().exit_code(), 101, "it has panicked");
    }

    /// Kills the program, which has no time to give the terminal back.
    #[cfg(unix)]
    pub(crate) fn killed(mut self) {
        self.signal(rustix::process::Signal::KILL);
        assert_eq!(self.child.wait().unwrap().signal(), Some("Killed"));
    }

    /// Waits for the end; the terminal must be as it was found.
    pub(crate) fn ended(&mut self) -> u32 {
        let status = self.child.wait().unwrap();
        // What it wrote last is drawn when nothing more can be read; somebody else may hold the other end.
        let deadline = Instant::now() + Duration::from_secs(10);
        while !self.drawing.is_finished() && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(5));
        }
        let parser = self.parser.lock().unwrap();
        assert!(!parser.screen().alternate_screen() && !parser.screen().hide_cursor());
        assert_eq!(parser.screen().mouse_protocol_mode(), vt100::MouseProtocolMode::None);
        status.exit_code()
    }
}

fn library() -> World {
    let world = World::new();
    for seed in 0..30 {
        world.draw(&format!("label {}/{seed:02}.png", seed % 3), seed);
    }
    world
}

#[test]
fn a_new_folder_is_indexed_browsed_walked_and_left() {
    let world = library();
    let mut terminal = Terminal::open(&world, 120, 30, &[world.photos().to_str().unwrap()]);
    terminal.wait_for(&["30 photos · by name", "00.png", "label 0"]);
    terminal.press("l\r");
    terminal.wait_for(&["similar to 03.png", "exact", "model base"]);
    terminal.press("\r");
    thread::sleep(Duration::from_millis(300));
    terminal.press("H");
    terminal.wait_for(&["similar to 03.png"]);
    terminal.press("?");
    terminal.wait_for(&["Neighbours", "quit"]);
    terminal.escape(" Help ");
    terminal.press("\x1b");
    terminal.wait_for(&["by name"]);
    terminal.press("q");
    assert_eq!(terminal.ended(), 0);
}

#[test]
fn marks_survive_the_session() {
    let world = library();
    let photos = world.photos();
    let mut terminal = Terminal::open(&world, 120, 30, &[photos.to_str().unwrap()]);
    terminal.wait_for(&["30 photos · by name"]);
    terminal.press(" ");
    terminal.wait_for(&["1 marked"]);
    terminal.press("q");
    assert_eq!(terminal.ended(), 0);
    let mut again = Terminal::open(&world, 120, 30, &["--images", "none", photos.to_str().unwrap()]);
    again.wait_for(&["30 photos · by name", "1 marked"]);
    again.press("q");
    assert_eq!(again.ended(), 0);
    let listed = String::from_utf8(world.run(&["list", photos.to_str().unwrap()]).stdout).unwrap();
    assert_eq!(listed.lines().filter(|line| line.ends_with("  marked")).count(), 1, "{listed}");
}

#[test]
fn marks_made_in_the_last_moment_are_kept() {
    let world = library();
    let photos = world.photos();
    let mut terminal = Terminal::open(&world, 120, 30, &[photos.to_str().unwrap()]);
    terminal.wait_for(&["30 photos · by name"]);
    terminal.press(" l l l l l q");
    assert_eq!(terminal.ended(), 0);
    let mut again = Terminal::open(&world, 120, 30, &["--images", "none", photos.to_str().unwrap()]);
    again.wait_for(&["30 photos · by name", "marked"]);
    let marked = again.text();
    assert!(marked.contains("6 marked") || marked.contains("5 marked"), "{marked}");
    again.press("q");
    assert_eq!(again.ended(), 0);
}

#[cfg(unix)]
#[test]
fn a_signal_gives_the_terminal_back() {
    let world = library();
    let mut terminal = Terminal::open(&world, 80, 24, &[world.photos().to_str().unwrap()]);
    terminal.wait_for(&["30 photos · by name"]);
    terminal.signal(rustix::process::Signal::TERM);
    assert_eq!(terminal.ended(), 128 + 15);
}

#[test]
fn a_tiny_terminal_gets_a_sentence_and_no_panic() {
    let world = library();
    let mut terminal = Terminal::open(&world, 20, 5, &[world.photos().to_str().unwrap()]);
    thread::sleep(Duration::from_millis(2500));
    terminal.press("jjkkl\r\x1b?");
    thread::sleep(Duration::from_millis(300));
    terminal.press("\x1bq");
    thread::sleep(Duration::from_millis(300));
    terminal.press("q");
    assert_eq!(terminal.ended(), 0);
}

#[test]
fn hostile_wide_and_right_to_left_names_stay_in_their_places() {
    let world = World::new();
    for (seed, name) in
        ["写真写真写真写真.png", "שלום שלום.png", "evil\u{1b}[2J\u{1b}[31m.png", "two\nlines.png", "rev\u{202e}gnp.png"]
            .into_iter()
            .enumerate()
    {
        world.draw(name, seed as u32);
    }
    let mut terminal = Terminal::open(&world, 80, 24, &["--images", "none", world.photos().to_str().unwrap()]);
    terminal.wait_for(&[
        "5 photos",
        "写真写真写真写真.png",
        "\\u{1b}[2J",
        "two\\nlines.png",
        "rev\\u{202e}gnp.png",
        "שלום",
    ]);
    terminal.press("\r");
    terminal.wait_for(&["similar to", "q quit"]);
    terminal.press("q");
    assert_eq!(terminal.ended(), 0);
}

#[test]
fn without_pictures_it_is_a_whole_program() {
    let world = library();
    let mut terminal =
        Terminal::open(&world, 80, 24, &["--images", "none", "--no-mouse", world.photos().to_str().unwrap()]);
    terminal.wait_for(&["30 photos · by name", "00.png", "label 0 · 160 × 120"]);
    terminal.press(" \r");
    // 80 columns hold the name whole, and shorten how the neighbours were found.
    terminal.wait_for(&["similar to 03.png", "160 × 120 ·", "exact"]);
    terminal.press("z");
    // The selected neighbour keeps selected when the model of all photos answers, whatever its rank is then.
    terminal.wait_for(&[" / 29", "h previous"]);
    terminal.escape("h previous");
    terminal.press(":copy");
    terminal.wait_for(&["copy the path"]);
    terminal.press("\r");
    terminal.wait_for(&["copied "]);
    terminal.press("q");
    assert_eq!(terminal.ended(), 0);
}

#[test]
fn keys_and_colours_come_from_the_file() {
    let world = library();
    let config = world.path("config.toml");
    std::fs::write(&config, "theme = \"mono\"\n[keys.everywhere]\nquit = [\"f10\", \"ctrl-q\"]\nmark = [\"x\"]\n")
        .unwrap();
    let photos = world.photos();
    let arguments = ["--images", "none", "--config", config.to_str().unwrap(), photos.to_str().unwrap()];
    let mut terminal = Terminal::open(&world, 100, 24, &arguments);
    terminal.wait_for(&["30 photos · by name", "x mark", "F10 quit"]);
    terminal.press("qx");
    terminal.wait_for(&["1 marked"]);
    terminal.press("\x11");
    assert_eq!(terminal.ended(), 0);
}

#[cfg(unix)]
#[test]
fn marked_paths_go_down_the_pipe_and_the_screen_to_the_terminal() {
    let world = library();
    let (photos, output) = (world.photos(), world.path("printed"));
    let photos = photos.canonicalize().unwrap();
    for (option, end) in [("--print-marked", '\n'), ("--print0", '\0')] {
        let mut terminal = Terminal::piped(&world, &output, &["--images", "none", photos.to_str().unwrap(), option]);
        terminal.wait_for(&["30 photos · by name"]);
        if end == '\n' {
            terminal.press("  ");
        }
        terminal.wait_for(&["2 marked"]);
        terminal.press("q");
        assert_eq!(terminal.ended(), 0);
        let first = photos.join("label 0/00.png");
        let second = photos.join("label 0/03.png");
        let expected = format!("{}{end}{}{end}", first.display(), second.display());
        assert_eq!(std::fs::read_to_string(&output).unwrap(), expected);
    }
}

#[test]
fn marks_are_exported_outside_the_folder_only_and_undone_in_a_later_session() {
    let world = library();
    let (photos, output) = (world.photos(), world.path("marked.txt"));
    let mut terminal = Terminal::open(&world, 160, 30, &["--images", "none", photos.to_str().unwrap()]);
    terminal.wait_for(&["30 photos · by name"]);
    terminal.press("2 ");
    terminal.wait_for(&["2 photos marked"]);
    let erase = "\x7f".repeat("marked.txt".len());
    terminal.press(&format!("e{erase}{}\r", photos.join("x.txt").display()));
    terminal.wait_for(&["x.txt lies in the folder of photos"]);
    assert!(!photos.join("x.txt").exists());
    terminal.press(&format!("e{erase}{}\r", output.display()));
    terminal.wait_for(&["2 paths written to"]);
    assert_eq!(std::fs::read_to_string(&output).unwrap().lines().count(), 2);
    std::fs::write(&output, "mine").unwrap();
    terminal.press(&format!("e{erase}{}\r", output.display()));
    terminal.wait_for(&["is there already. Replace it?"]);
    terminal.press("no\r");
    terminal.wait_for(&["was left as it is"]);
    assert_eq!(std::fs::read_to_string(&output).unwrap(), "mine");
    terminal.press("q");
    assert_eq!(terminal.ended(), 0);
    let mut again = Terminal::open(&world, 160, 30, &["--images", "none", photos.to_str().unwrap()]);
    again.wait_for(&["2 marked"]);
    again.press("u");
    again.wait_for(&["undone: 2 photos marked"]);
    again.press("u");
    again.wait_for(&["there is nothing to undo"]);
    again.press("U");
    again.wait_for(&["done again: 2 photos marked", "2 marked"]);
    again.press("q");
    assert_eq!(again.ended(), 0);
}

#[test]
fn an_image_from_elsewhere_is_asked_about_and_the_library_sorted_by_it() {
    let world = library();
    let photos = world.photos();
    let elsewhere = world.path("else where.png");
    std::fs::copy(photos.join("label 1/01.png"), &elsewhere).unwrap();
    let other = world.path("other.png");
    image::RgbImage::from_pixel(300, 200, image::Rgb([9, 99, 199])).save(&other).unwrap();
    let mut terminal = Terminal::open(&world, 160, 30, &["--images", "none", photos.to_str().unwrap()]);
    terminal.wait_for(&["30 photos · by name", "30 new in"]);
    terminal.press(&format!("\x1b[200~{}\x1b[201~", other.display()));
    terminal.wait_for(&["similar to other.png", "model base", "other.png"]);
    terminal.escape("similar to other.png");
    terminal.press(&format!("\x1b[200~'{}'\x1b[201~", elsewhere.display()));
    terminal.wait_for(&["similar to 01.png", "model base"]);
    terminal.press("\x1b");
    terminal.wait_for(&["by name"]);
    terminal.press("sss");
    terminal.wait_for(&["by distance to 01.png", "0.000 label 1"]);
    terminal.press("p/nowhere.png\r");
    terminal.wait_for(&["there is no file /nowhere.png"]);
    terminal.press("flabel 2\r");
    terminal.wait_for(&["…label… or …2…: 30 of 30 photos"]);
    terminal.escape("…label… or …2…");
    terminal.press("f\"label 2\"\r");
    terminal.wait_for(&["label 2: 10 of 30 photos"]);
    terminal.press("\r");
    terminal.wait_for(&["among label 2", "1 / 9"]);
    terminal.press("q");
    assert_eq!(terminal.ended(), 0);
}
