//! One session: from taking the terminal over to giving it back.

mod sleep;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use ratatui::layout::Size;

use super::backend::Backend;
use super::hurry::Hurry;
use super::images::probe;
use super::inbox::Inbox;
use super::lent::Lent;
use super::mailbox::Incoming;
use super::options::{AppError, Left, Options};
use super::orders::Order;
use super::signals::LeaveAsked;
use super::terminal::{Screen, unusable};
use super::workers::{Question, Workers};
use super::{clipboard, input, signals, status, viewer};
use crate::library::PhotoId;
use crate::ui::{Effect, Message, Settings, State, Theme, update};

/// The time between two frames.
const FRAME: Duration = Duration::from_micros(16_600);
/// The same when a key is to be answered: its frame is not to wait for the next one that is due.
const FRAME_OF_KEY: Duration = Duration::from_millis(8);
/// How long leaving waits for indexing to finish its batch.
const PATIENCE: Duration = Duration::from_secs(3);

/// Shows the photos of a backend until the person leaves. Takes the terminal over and gives it back, also after a panic
/// or a signal.
pub fn run(backend: Arc<dyn Backend>, options: &Options) -> Result<Left, AppError> {
    let _lent = if options.output_is_for_marks { Lent::to_the_terminal()? } else { None };
    if let Some(why) = unusable() {
        return Err(AppError::NoTerminal(why));
    }
    let (sender, receiver) = mpsc::channel();
    // Before the terminal is taken: a signal that comes while it is asked must not leave it as it is then.
    let told = signals::start(sender.clone())?;
    let mut screen = Screen::take(options.mouse)?;
    let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    // What has no colour is left to the theme: pictures need theirs, and Kitty places pictures by colour.
    crossterm::style::force_color_output(true);
    let probed = probe(options.images, no_color && options.theme.is_none_or(|theme| theme == Theme::NoColor));
    let settings = Settings {
        folder: backend.folder(),
        theme: options.theme.unwrap_or(probed.theme),
        pictures: probed.picker.is_some(),
        size: screen.size()?,
        keys: options.keys.clone(),
    };
    for key in probed.typed {
        // The other end is here.
        _ = sender.send(Incoming::Message(Message::Key(key)));
    }
    let (asked_cell, in_tmux) = (probed.cell, probed.in_tmux);
    let asks_cells = asked_cell.is_some() && screen.cell().is_none();
    input::start(sender.clone(), asks_cells)?;
    let workers = Workers::start(Arc::clone(&backend), sender, probed.picker)?;
    let (state, hurry, cells) = (State::new(settings), Hurry::default(), [None, asked_cell]);
    let mut session = Session { backend, state, screen, workers, hurry, cells, in_tmux, is_other: false, told };
    let ended = session.run(&mut Inbox::new(receiver));
    let Session { backend, state, screen, workers, told, .. } = session;
    drop(screen);
    workers.stop(PATIENCE);
    if let Err(error) = ended {
        tracing::info!(%error, "the terminal cannot be drawn on");
        if told.soon().is_none() {
            return Err(error.into());
        }
    }
    let mut marked: Vec<PathBuf> = state.marked().into_iter().filter_map(|photo| backend.path(photo)).collect();
    marked.sort();
    Ok(Left { signal: told.close(), marked })
}

/// The time between the last frame and the one that shows this.
const fn frame_after(incoming: &Incoming) -> Duration {
    match incoming {
        Incoming::Message(Message::Key(_) | Message::Mouse(_)) => FRAME_OF_KEY,
        _ => FRAME,
    }
}

/// Whether the session goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    Stay,
    Leave,
}

/// What ended a wait.
enum Waited {
    Incoming(Incoming),
    HurryIsOver,
    Closed,
}

struct Session {
    backend: Arc<dyn Backend>,
    state: State,
    screen: Screen,
    workers: Workers,
    hurry: Hurry,
    /// Pixels of a cell: as the window told last, and as the terminal answered last.
    cells: [Option<Size>; 2],
    in_tmux: bool,
    told: LeaveAsked,
    /// Whether the next frame would be another one than the last.
    is_other: bool,
}

impl Session {
    /// Draws, waits for a message, drains the rest, draws once if there is something else to be seen.
    fn run(&mut self, inbox: &mut Inbox) -> io::Result<()> {
        self.draw()?;
        let mut drawn = Instant::now();
        loop {
            let mut after = FRAME;
            match self.wait(inbox) {
                Waited::Incoming(first) => {
                    after = frame_after(&first);
                    if self.take(first)? == Next::Leave {
                        return Ok(());
                    }
                }
                Waited::HurryIsOver => self.is_other = true,
                Waited::Closed => return Ok(()),
            }
            if self.drain(inbox, drawn, after)? == Next::Leave {
                return Ok(());
            }
            if self.is_other {
                self.draw()?;
                self.is_other = false;
                drawn = Instant::now();
            }
        }
    }

    /// Waits for a message, or in a hurry for its end.
    fn wait(&self, inbox: &mut Inbox) -> Waited {
        let Some(until) = self.hurry.until() else {
            return inbox.take().map_or(Waited::Closed, Waited::Incoming);
        };
        match inbox.take_within(until.saturating_duration_since(Instant::now())) {
            Ok(incoming) => Waited::Incoming(incoming),
            Err(RecvTimeoutError::Timeout) => Waited::HurryIsOver,
            Err(RecvTimeoutError::Disconnected) => Waited::Closed,
        }
    }

    /// Draws the state. The terminal may have another size by now than it told last, and so may its cells.
    fn draw(&mut self) -> io::Result<()> {
        let size = self.screen.size()?;
        if size != self.state.size() {
            self.update(Message::Resize(size))?;
        }
        if let Some(cell) = self.screen.cell() {
            self.cell_is(cell, 0)?;
        }
        if self.hurry.ends(Instant::now()) {
            self.update(Message::Hurry(false))?;
        }
        self.screen.draw(&self.state)
    }

    /// A cell has so many pixels, says the window (0) or the terminal (1); pictures follow when that is news.
    fn cell_is(&mut self, cell: Size, said_by: usize) -> io::Result<()> {
        let before = self.cells.get_mut(said_by).and_then(|known| known.replace(cell));
        if before.is_some_and(|before| before != cell) {
            self.workers.set_cell(cell);
            self.screen.clear()?;
            self.update(Message::PicturesLost)?;
        }
        Ok(())
    }

    /// Takes in what has arrived, and what arrives until the next frame is due, so long after the last one.
    fn drain(&mut self, inbox: &mut Inbox, drawn: Instant, mut after: Duration) -> io::Result<Next> {
        let latest = Instant::now() + FRAME;
        loop {
            let now = Instant::now();
            let left = (drawn + after).saturating_duration_since(now);
            // Who waits for the answer to a key does not wait for all that the jobs have to say.
            let next = if left.is_zero() && after == FRAME_OF_KEY {
                inbox.take_urgent().ok_or(RecvTimeoutError::Timeout)
            } else {
                inbox.take_within(left)
            };
            let incoming = match next {
                Ok(incoming) if now < latest => incoming,
                // A flood of messages must not keep the screen from being drawn.
                Ok(incoming) => return self.take(incoming),
                Err(RecvTimeoutError::Timeout) => return Ok(Next::Stay),
                Err(RecvTimeoutError::Disconnected) => return Ok(Next::Leave),
            };
            after = after.min(frame_after(&incoming));
            if self.take(incoming)? == Next::Leave {
                return Ok(Next::Leave);
            }
        }
    }

    fn take(&mut self, incoming: Incoming) -> io::Result<Next> {
        match incoming {
            Incoming::Message(message) => {
                // Of several sizes in a row the last may be the one we know, and yet cells were lost on the way.
                if matches!(message, Message::Resize(_)) {
                    self.screen.forget();
                }
                self.update(message)
            }
            Incoming::FromJob { job, message } if self.workers.is_current(job) => self.update(message),
            Incoming::FromJob { .. } => Ok(Next::Stay),
            Incoming::Woken => self.take_again(),
            Incoming::Sleep => self.suspend(),
            Incoming::InputEnded | Incoming::Leave => Ok(Next::Leave),
            Incoming::AskCell(asked) => {
                self.screen.send(&status::question("\x1b[16t", self.in_tmux))?;
                // Whoever wanted to know may have lost patience.
                _ = asked.send(());
                Ok(Next::Stay)
            }
            Incoming::Cell(cell) => self.cell_is(cell, 1).map(|()| Next::Stay),
        }
    }

    fn update(&mut self, message: Message) -> io::Result<Next> {
        let mut next = Next::Stay;
        self.is_other |= self.state.would_show(&message);
        let mut effects = update(&mut self.state, message);
        if self.hurry.begins(self.state.first_row(), Instant::now()) {
            effects.extend(update(&mut self.state, Message::Hurry(true)));
        }
        for effect in effects {
            if self.effect(effect)? == Next::Leave {
                next = Next::Leave;
            }
        }
        Ok(next)
    }

    fn effect(&mut self, effect: Effect) -> io::Result<Next> {
        match effect {
            Effect::AskNeighbors { question, asked } => self.workers.ask(Question { number: question, asked }),
            Effect::AskDistances { question, photo, with, list } => self.workers.measure(question, photo, with, list),
            Effect::Look { path } => self.workers.look(path),
            Effect::ExportMarks { photos, to, overwrite } => self.workers.export(photos, to, overwrite),
            Effect::Undo { again } => self.workers.undo(again),
            Effect::WantMap { question } => self.workers.want_map(question),
            Effect::WantPictures(wants) => self.workers.want(wants),
            Effect::CopyPath(photo) => return self.copy_path(photo),
            Effect::OpenInViewer(photo) => match self.backend.path(photo) {
                Some(path) => self.workers.open(path),
                None => return self.lost(),
            },
            Effect::Reveal(photo) => match self.backend.path(photo) {
                Some(path) => self.workers.reveal(path),
                None => return self.lost(),
            },
            Effect::SaveMarks { photos, marked } => self.workers.save_marks(photos, marked),
            Effect::Training(order) => self.workers.order(Order::Training(order)),
            Effect::Models(order) => self.workers.order(Order::Models(order)),
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
}
