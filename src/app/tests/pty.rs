//! A pseudo-terminal with a screen that can be read, and a child on its other end.

use std::io::{Read, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use tempfile::{NamedTempFile, TempDir};

/// Only for what never comes: a busy machine may take its time.
const PATIENCE: Duration = Duration::from_secs(300);
/// What a terminal answers when it is asked, in the order of what is asked in one go.
pub(super) type Answers = &'static [(&'static str, &'static str)];

/// Sixel, a cell of 10 x 20 pixels, all is well.
pub(super) const SIXEL: Answers = &[("\x1b[c", "\x1b[?62;4c"), ("\x1b[16t", CELL), ("\x1b[5n", "\x1b[0n")];
/// The same for questions that come through tmux.
pub(super) const SIXEL_BEHIND_TMUX: Answers =
    &[("\x1b\x1b[c", "\x1b[?62;4c"), ("\x1b\x1b[16t", CELL), ("\x1b\x1b[5n", "\x1b[0n")];
/// Stands for the size of a cell.
const CELL: &str = "cell";
/// Kitty's protocol, and pictures can be placed by characters.
pub(super) const KITTY: Answers = &[
    ("_Gi=31", "\x1b_Gi=31;OK\x1b\\"),
    ("_Gi=33,s=1,v=1,a=q,t=d,f=24,U=1;", "\x1b_Gi=33;OK\x1b\\"),
    ("\x1b[16t", CELL),
    ("\x1b[5n", "\x1b[0n"),
];
/// The same for questions that come through tmux, and for no others.
pub(super) const KITTY_BEHIND_TMUX: Answers = &[
    ("\x1b\x1b_Gi=31", "\x1b_Gi=31;OK\x1b\\"),
    ("\x1b\x1b_Gi=33,s=1,v=1,a=q,t=d,f=24,U=1;", "\x1b_Gi=33;OK\x1b\\"),
    ("\x1b\x1b[16t", CELL),
    ("\x1b\x1b[5n", "\x1b[0n"),
];
/// Kitty's protocol as it was before that.
pub(super) const OLD_KITTY: Answers = &[("_Gi=31", "\x1b_Gi=31;OK\x1b\\"), ("\x1b[16t", CELL), ("\x1b[5n", "\x1b[0n")];

struct Seen {
    parser: vt100::Parser,
    raw: Vec<u8>,
}

/// The terminal.
pub(super) struct Pty {
    master: Box<dyn MasterPty + Send>,
    writer: Arc<Mutex<Box<dyn Write + Send>>>,
    seen: Arc<Mutex<Seen>>,
    /// Pixels across and down a cell.
    cell: Arc<Mutex<(u16, u16)>>,
    is_mute: Arc<AtomicBool>,
    child: Box<dyn Child + Send + Sync>,
    pid: NamedTempFile,
    saved: TempDir,
}

fn size(columns: u16, lines: u16) -> PtySize {
    PtySize { rows: lines, cols: columns, pixel_width: 0, pixel_height: 0 }
}

impl Pty {
    /// Starts a session with these environment variables; after it the shell says how the terminal was left.
    pub(super) fn start(environment: &str) -> Self {
        let mut pty = Self::shell();
        pty.command(environment);
        pty
    }

    /// Starts a session that has something to save when it leaves, until [`Pty::saved`] says that this is done.
    pub(super) fn saving(environment: &str) -> Self {
        let mut pty = Self::shell();
        let saved = pty.saved.path().join("saved");
        pty.command(&format!("TRIPLETUI_TEST_SAVED={} {environment}", saved.display()));
        pty
    }

    /// Whatever the session that leaves has to save is saved now, a second after what happened last.
    pub(super) fn saved(&self) {
        std::thread::sleep(Duration::from_secs(1));
        std::fs::write(self.saved.path().join("saved"), "").unwrap();
    }

    /// Starts a session on a terminal that answers nothing.
    pub(super) fn silent(environment: &str) -> Self {
        Self::answering(&[], environment)
    }

    /// Starts a session on a terminal that answers so.
    pub(super) fn answering(answers: Answers, environment: &str) -> Self {
        let mut pty = Self::shell_that(answers);
        pty.command(environment);
        pty
    }

    /// Starts an interactive shell.
    pub(super) fn shell() -> Self {
        Self::shell_that(SIXEL)
    }

    fn shell_that(known: Answers) -> Self {
        let pair = native_pty_system().openpty(size(80, 24)).unwrap();
        let mut command = CommandBuilder::new("bash");
        command.args(["--norc", "--noprofile", "--noediting", "-i"]);
        command.env("PS1", "$ ");
        command.env("TERM", "xterm-256color");
        // What bash says of a job is waited for.
        command.env("LC_ALL", "C");
        command.env_remove("NO_COLOR");
        let child = pair.slave.spawn_command(command).unwrap();
        let seen = Arc::new(Mutex::new(Seen { parser: vt100::Parser::new(24, 80, 0), raw: Vec::new() }));
        let writer = Arc::new(Mutex::new(pair.master.take_writer().unwrap()));
        let mut reader = pair.master.try_clone_reader().unwrap();
        let cell = Arc::new(Mutex::new((10, 20)));
        let is_mute = Arc::new(AtomicBool::new(false));
        let (into, answers, cell_now, mute) =
            (Arc::clone(&seen), Arc::clone(&writer), Arc::clone(&cell), Arc::clone(&is_mute));
        std::thread::Builder::new()
            .spawn(move || {
                let mut bytes = [0; 4096];
                while let Ok(count @ 1..) = reader.read(&mut bytes) {
                    let cell = *cell_now.lock().unwrap();
                    if !mute.load(Ordering::Relaxed) {
                        answer(&bytes[..count], known, cell, &answers);
                    }
                    let mut seen = into.lock().unwrap();
                    seen.parser.process(&bytes[..count]);
                    seen.raw.extend(&bytes[..count]);
                }
            })
            .unwrap();
        Self {
            master: pair.master,
            writer,
            seen,
            cell,
            is_mute,
            child,
            pid: NamedTempFile::new().unwrap(),
            saved: tempfile::tempdir().unwrap(),
        }
    }

    /// Types the command that starts a session, and then asks how the terminal was left.
    pub(super) fn command(&mut self, environment: &str) {
        let program = std::env::current_exe().unwrap();
        let test = "app::tests::child --exact --ignored --nocapture --test-threads=1";
        let pid = self.pid.path().display();
        self.send(&format!("{environment} TRIPLETUI_TEST_PID={pid} {} {test}\r", program.display()));
    }

    /// Types.
    pub(super) fn send(&mut self, text: &str) {
        self.writer.lock().unwrap().write_all(text.as_bytes()).unwrap();
    }

    /// Gives the terminal another size.
    pub(super) fn resize(&mut self, columns: u16, lines: u16) {
        // The reading end fails where a frame for an earlier size is wrapped on a single line or column.
        self.seen.lock().unwrap().parser.screen_mut().set_size(lines.max(2), columns.max(2));
        self.master.resize(size(columns, lines)).unwrap();
    }

    /// Gives the terminal other cells, and so another size.
    pub(super) fn zoom(&mut self, cell: (u16, u16), columns: u16, lines: u16) {
        *self.cell.lock().unwrap() = cell;
        self.resize(columns, lines);
    }

    /// From now on the terminal answers nothing.
    pub(super) fn fall_silent(&self) {
        self.is_mute.store(true, Ordering::Relaxed);
    }

    /// Everything that was sent: what tmux would pass through to its terminal, piece by piece, and what it would draw.
    pub(super) fn through_tmux(&self) -> (Vec<String>, String) {
        let raw = String::from_utf8_lossy(&self.seen.lock().unwrap().raw).into_owned();
        let (mut passed, mut drawn) = (Vec::new(), String::new());
        let mut parts = raw.split("\x1bPtmux;");
        drawn.push_str(parts.next().unwrap_or_default());
        for part in parts {
            // Inside, each ESC is doubled, so that the end is the first single one.
            let whole = part.replace("\x1b\x1b", "\0");
            let Some((inside, after)) = whole.split_once("\x1b\\") else { continue };
            passed.push(inside.replace('\0', "\x1b"));
            drawn.push_str(&after.replace('\0', "\x1b\x1b"));
        }
        (passed, drawn)
    }

    /// How often these bytes were sent.
    pub(super) fn times_sent(&self, text: &str) -> usize {
        String::from_utf8_lossy(&self.seen.lock().unwrap().raw).matches(text).count()
    }

    /// The pixels of the Sixel pictures that were sent, in order.
    pub(super) fn sixels(&self) -> Vec<(u32, u32)> {
        let raw = String::from_utf8_lossy(&self.seen.lock().unwrap().raw).into_owned();
        let number = |text: &str| text.chars().take_while(char::is_ascii_digit).collect::<String>().parse().ok();
        let size = |part: &str| {
            let (width, rest) = part.split_once(';')?;
            Some((number(width)?, number(rest)?))
        };
        raw.split("\"1;1;").skip(1).filter_map(size).collect()
    }

    /// Asks something of the screen.
    pub(super) fn screen<T>(&self, ask: impl FnOnce(&vt100::Screen) -> T) -> T {
        ask(self.seen.lock().unwrap().parser.screen())
    }

    /// Waits until the text stands on the screen.
    pub(super) fn wait(&self, text: &str) {
        // A long line is wrapped; that is no difference.
        let stands = || self.screen(|screen| screen.contents().replace('\n', "").contains(text));
        let until = Instant::now() + PATIENCE;
        while !stands() {
            assert!(Instant::now() < until, "no “{text}” on the screen:\n{}", self.screen(vt100::Screen::contents));
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits until these bytes were sent.
    pub(super) fn wait_sent(&self, text: &str) {
        self.wait_for(&format!("{text:?}"), |pty| pty.has_sent(text));
    }

    /// Waits until this is so.
    pub(super) fn wait_for(&self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let until = Instant::now() + PATIENCE;
        while !is_so(self) {
            assert!(Instant::now() < until, "never came: {what}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Whether these bytes were sent.
    pub(super) fn has_sent(&self, text: &str) -> bool {
        let seen = self.seen.lock().unwrap();
        seen.raw.windows(text.len()).any(|part| part == text.as_bytes())
    }

    /// Asserts that the terminal is as it was before the session.
    pub(super) fn is_restored(&mut self) {
        self.send("\rstty -a\r");
        self.wait("icanon");
        let text = self.screen(vt100::Screen::contents);
        for wrong in ["-icanon", "-echo ", "-isig"] {
            assert!(!text.contains(wrong), "{wrong}:\n{text}");
        }
        self.screen(|screen| {
            assert!(!screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste());
            assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
        });
    }

    fn child_pid(&self) -> String {
        std::fs::read_to_string(self.pid.path()).unwrap()
    }

    /// Takes the terminal away, as closing its window does, with the shell; answers with the number of the session.
    pub(super) fn vanish(mut self) -> String {
        let session = self.child_pid();
        self.child.kill().unwrap();
        session
    }

    /// Sends a signal to the session.
    pub(super) fn signal(&self, name: &str) {
        let status = std::process::Command::new("kill").args(["-s", name, &self.child_pid()]).status().unwrap();
        assert!(status.success());
    }

    /// Processor time of the session so far, in clock ticks.
    #[cfg(target_os = "linux")]
    pub(super) fn ticks(&self) -> u64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child_pid())).unwrap();
        let after_name = stat.rsplit(')').next().unwrap();
        after_name.split_whitespace().skip(11).take(2).map(|ticks| ticks.parse::<u64>().unwrap()).sum()
    }
}

fn answer(sent: &[u8], known: Answers, (width, height): (u16, u16), writer: &Mutex<Box<dyn Write + Send>>) {
    let sent = String::from_utf8_lossy(sent);
    for (question, answer) in known {
        if sent.contains(question) {
            let answer = if *answer == CELL { format!("\x1b[6;{height};{width}t") } else { (*answer).to_owned() };
            writer.lock().unwrap().write_all(answer.as_bytes()).unwrap();
        }
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}
