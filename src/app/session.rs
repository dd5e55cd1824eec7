//! One session: from taking the terminal over to giving it back.

use std::collections::HashSet;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use super::backend::Backend;
use super::images::{Images, probe};
use super::mailbox::Incoming;
use super::terminal::{Screen, unusable};
use super::workers::{Question, Workers};
use super::{clipboard, input, signals, viewer};
use crate::library::PhotoId;
use crate::ui::{Effect, KeyMap, Message, Settings, State, Theme, update};

/// The time between two frames.
const FRAME: Duration = Duration::from_micros(16_600);
/// How long leaving waits for indexing to finish its batch.
const PATIENCE: Duration = Duration::from_secs(3);

/// What can be chosen.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How pictures are drawn.
    pub images: Images,
    /// Colours; `None`: none with `NO_COLOR`, else by the ground of the terminal.
    pub theme: Option<Theme>,
    /// Whether the mouse is used.
    pub mouse: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { images: Images::Auto, theme: None, mouse: true }
    }
}

/// How the person left.
#[derive(Clone, Debug, Default)]
pub struct Left {
    /// The signal that ended the session, if one did.
    pub signal: Option<i32>,
    /// The photos that were marked, in no order.
    pub marked: HashSet<PhotoId>,
}

/// There can be no session.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// This is no terminal to draw on.
    #[error(
        "there is no screen here: {0}. Without one, `tripletui index FOLDER` reads the photos, \
         `tripletui query FOLDER IMAGE` says what is similar, and `tripletui list FOLDER` lists them"
    )]
    NoTerminal(&'static str),
    /// The terminal does not do what it is told.
    #[error("the terminal cannot be used: {0}")]
    Terminal(#[from] io::Error),
}

/// Shows the photos of a backend until the person leaves. Takes the terminal over and gives it back, also after a panic
/// or a signal.
pub fn run(backend: Arc<dyn Backend>, options: &Options) -> Result<Left, AppError> {
    if let Some(why) = unusable() {
        return Err(AppError::NoTerminal(why));
    }
    let screen = Screen::take(options.mouse)?;
    let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    // What has no colour is left to the theme: pictures need theirs, and Kitty places pictures by colour.
    crossterm::style::force_color_output(true);
    let probed = probe(options.images, no_color && options.theme.is_none_or(|theme| theme == Theme::NoColor));
    let settings = Settings {
        folder: backend.folder(),
        theme: options.theme.unwrap_or(probed.theme),
        pictures: probed.picker.is_some(),
        size: screen.size()?,
        keys: KeyMap::default(),
    };
    let (sender, receiver) = mpsc::channel();
    signals::start(sender.clone())?;
    input::start(sender.clone())?;
    let workers = Workers::start(Arc::clone(&backend), sender, probed.picker)?;
    let mut session = Session { backend, state: State::new(settings), screen, workers, signal: None };
    let ended = session.run(&receiver);
    let Session { state, screen, workers, signal, .. } = session;
    drop(screen);
    workers.stop(PATIENCE);
    ended?;
    Ok(Left { signal, marked: state.marked().clone() })
}

/// Whether the session goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    Stay,
    Leave,
}

struct Session {
    backend: Arc<dyn Backend>,
    state: State,
    screen: Screen,
    workers: Workers,
    signal: Option<i32>,
}

impl Session {
    /// Draws, waits for a message, drains the rest, draws once.
    fn run(&mut self, receiver: &Receiver<Incoming>) -> io::Result<()> {
        self.draw()?;
        let mut drawn = Instant::now();
        while let Ok(first) = receiver.recv() {
            if self.take(first)? == Next::Leave || self.drain(receiver, drawn + FRAME)? == Next::Leave {
                return Ok(());
            }
            self.draw()?;
            drawn = Instant::now();
        }
        Ok(())
    }

    /// Draws the state. The terminal may have another size by now than it told last.
    fn draw(&mut self) -> io::Result<()> {
        let size = self.screen.size()?;
        if size != self.state.size() {
            self.update(Message::Resize(size))?;
        }
        self.screen.draw(&self.state)
    }

    /// Takes in what has arrived, and what arrives until the next frame is due.
    fn drain(&mut self, receiver: &Receiver<Incoming>, due: Instant) -> io::Result<Next> {
        let latest = Instant::now() + FRAME;
        loop {
            let now = Instant::now();
            let incoming = match receiver.recv_timeout(due.saturating_duration_since(now)) {
                Ok(incoming) if now < latest => incoming,
                // A flood of messages must not keep the screen from being drawn.
                Ok(incoming) => return self.take(incoming),
                Err(RecvTimeoutError::Timeout) => return Ok(Next::Stay),
                Err(RecvTimeoutError::Disconnected) => return Ok(Next::Leave),
            };
            if self.take(incoming)? == Next::Leave {
                return Ok(Next::Leave);
            }
        }
    }

    fn take(&mut self, incoming: Incoming) -> io::Result<Next> {
        match incoming {
            Incoming::Message(message) => self.update(message),
            Incoming::FromJob { job, message } if self.workers.is_current(job) => self.update(message),
            Incoming::FromJob { .. } => Ok(Next::Stay),
            Incoming::Woken => {
                self.screen.take_again()?;
                let size = self.screen.size()?;
                self.update(Message::Resize(size))?;
                self.update(Message::PicturesLost)
            }
            Incoming::InputEnded => Ok(Next::Leave),
            Incoming::Leave(signal) => {
                self.signal = Some(signal);
                Ok(Next::Leave)
            }
        }
    }

    fn update(&mut self, message: Message) -> io::Result<Next> {
        let mut next = Next::Stay;
        for effect in update(&mut self.state, message) {
            if self.effect(effect)? == Next::Leave {
                next = Next::Leave;
            }
        }
        Ok(next)
    }

    fn effect(&mut self, effect: Effect) -> io::Result<Next> {
        match effect {
            Effect::AskNeighbors { question, photo, k } => self.workers.ask(Question { number: question, photo, k }),
            Effect::WantMap { question } => self.workers.want_map(question),
            Effect::WantPictures(wants) => self.workers.want(wants),
            Effect::CopyPath(photo) => return self.copy_path(photo),
            Effect::OpenInViewer(photo) => match self.backend.path(photo) {
                Some(path) => self.workers.open(path),
                None => return self.lost(),
            },
            Effect::SaveMarks { photos, marked } => self.workers.save_marks(photos, marked),
            Effect::Redraw => {
                self.screen.clear()?;
                return self.update(Message::PicturesLost);
            }
            Effect::Suspend => return self.suspend(),
            Effect::Quit => return Ok(Next::Leave),
        }
        Ok(Next::Stay)
    }

    fn copy_path(&mut self, photo: PhotoId) -> io::Result<Next> {
        let Some(path) = self.backend.path(photo) else { return self.lost() };
        let tmux = std::env::var_os("TMUX").is_some();
        self.screen.send(&clipboard::copy_sequence(path.as_os_str().as_encoded_bytes(), tmux))?;
        self.update(Message::Notice(format!("copied {}", viewer::shown(&path))))
    }

    fn lost(&mut self) -> io::Result<Next> {
        self.update(Message::Failed("this photo has no path any more: it was moved or deleted".to_owned()))
    }

    fn suspend(&mut self) -> io::Result<Next> {
        super::terminal::restore();
        let stopped = signals::stop_here();
        self.screen.take_again()?;
        let size = self.screen.size()?;
        self.update(Message::Resize(size))?;
        self.update(Message::PicturesLost)?;
        stopped.map_or_else(|why| self.update(Message::Failed(why.to_string())), |()| Ok(Next::Stay))
    }
}
