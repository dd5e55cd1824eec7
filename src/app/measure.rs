//! How long the screen takes from a key to a frame, and how much it sends to the terminal, with made-up photos.

mod script;

use std::fmt;
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use image::RgbImage;
use ratatui::backend::CrosstermBackend;
use ratatui::layout::{Position, Rect, Size};
use ratatui::{Terminal, TerminalOptions, Viewport};
use ratatui_image::picker::Picker;

use super::picture::encode;
use crate::library::PhotoId;
use crate::ui::{
    Answered, Effect, KeyMap, MapLayout, MapStage, Message, PhotoList, PhotoRow, Priority, Ranked, Settings, State,
    Theme, update, view,
};
use crate::work::peak_rss_mb;

/// Rows in one message, as when a library is opened.
const ROWS_AT_ONCE: usize = 1024;
/// Labels of the made-up photos.
const LABELS: usize = 500;

/// What one thing on the screen took.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct ViewFigures {
    /// What was done.
    pub what: &'static str,
    /// Photos on the screen's list.
    pub photos: usize,
    /// How often.
    pub frames: usize,
    /// Half of the frames were complete within this time, drawing and encoding for the terminal included.
    pub p50_ms: f64,
    /// And 99 of 100 within this.
    pub p99_ms: f64,
    /// Bytes for the terminal in a frame, on the average.
    pub bytes_a_frame: usize,
    /// Most memory of the process until now, in megabytes.
    pub peak_rss_mb: u64,
}

impl fmt::Display for ViewFigures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, photos, p50_ms, p99_ms, bytes_a_frame, peak_rss_mb, .. } = self;
        write!(
            f,
            "{what:<28} {p50_ms:7.2} ms half of the time, {p99_ms:7.2} ms 99 %, {bytes_a_frame:>7} bytes a frame, \
             {photos} photos, {peak_rss_mb} MB"
        )
    }
}

/// Draws every screen with so many made-up photos, pictures in half-blocks, and tells what each took.
pub fn measure_view(photos: usize, columns: u16, lines: u16) -> io::Result<Vec<ViewFigures>> {
    let mut bench = Bench::new(photos, Size::new(columns, lines))?;
    bench.open()?;
    bench.library()?;
    bench.choices()?;
    bench.neighbors()?;
    bench.orders()?;
    bench.map()?;
    bench.lists()?;
    bench.changes()?;
    Ok(bench.figures)
}

/// Counts what would be sent to a terminal.
#[derive(Clone, Default)]
struct Sink {
    bytes: Arc<AtomicUsize>,
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes.fetch_add(bytes.len(), Ordering::Relaxed);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Bench {
    photos: usize,
    state: State,
    terminal: Terminal<CrosstermBackend<Sink>>,
    sink: Sink,
    picker: Picker,
    /// Distances that were asked for.
    measuring: Option<(u64, PhotoList)>,
    took: Vec<Duration>,
    figures: Vec<ViewFigures>,
}

fn id(number: usize) -> PhotoId {
    PhotoId::of_content(&number.to_le_bytes())
}

fn row(number: usize) -> Arc<PhotoRow> {
    let label = number % LABELS;
    let (month, day) = (number % 12 + 1, number / 12 % 28 + 1);
    Arc::new(PhotoRow {
        id: id(number),
        name: format!("label {label:03}/IMG_{number:06}.jpg").into(),
        labels: [Arc::from(format!("label {label:03}"))].into(),
        copies: Box::default(),
        width: 4032,
        height: 3024,
        bytes: 2_345_678,
        taken: Some(format!("{}-{month:02}-{day:02} 14:02:11", 2000 + number % 23).into()),
        camera: None,
    })
}

/// Every photo somewhere, those of a label together.
fn map(photos: usize) -> MapLayout {
    let place = |number: usize| {
        let (label, own) = ((number % LABELS) as f32, (number / LABELS) as f32);
        [(label * 0.7).sin() * label.sqrt() + own.sin(), (label * 0.7).cos() * label.sqrt() + (own * 1.7).cos()]
    };
    let (ids, places) = (0..photos).map(|number| (id(number), place(number))).unzip::<_, _, Vec<_>, Vec<_>>();
    MapLayout { photos: ids.into_iter().collect(), places: places.into(), stage: MapStage::Axes, model: "base".into() }
}

impl Bench {
    fn new(photos: usize, size: Size) -> io::Result<Self> {
        let settings = Settings {
            folder: "~/photos".to_owned(),
            theme: Theme::Dark,
            pictures: true,
            size,
            keys: KeyMap::default(),
        };
        let options = TerminalOptions { viewport: Viewport::Fixed(Rect::from((Position::ORIGIN, size))) };
        let sink = Sink::default();
        Ok(Self {
            photos,
            state: State::new(settings),
            terminal: Terminal::with_options(CrosstermBackend::new(sink.clone()), options)?,
            sink,
            picker: Picker::halfblocks(),
            measuring: None,
            took: Vec::new(),
            figures: Vec::new(),
        })
    }

    /// Takes a message in and draws; what it asks for is done outside of the time.
    fn send(&mut self, message: Message) -> io::Result<()> {
        let started = Instant::now();
        let effects = update(&mut self.state, message);
        self.terminal.draw(|frame| view(&self.state, frame))?;
        self.took.push(started.elapsed());
        for effect in effects {
            self.answer(effect);
        }
        Ok(())
    }

    fn answer(&mut self, effect: Effect) {
        match effect {
            Effect::AskNeighbors { question, asked } => {
                let ranked = |rank| Ranked { photo: id(rank * 7 % self.photos), distance: 0.01 * rank as f32 };
                let answer = Answered {
                    neighbors: (1..=asked.k).map(ranked).collect(),
                    cut_off: None,
                    method: "k-d tree".into(),
                    exact: true,
                    audited: None,
                    visited: 42,
                    of: self.photos,
                    elapsed: Duration::from_micros(800),
                    model: "base".into(),
                };
                self.take(Message::Neighbors { question, answer: Ok(answer) });
            }
            Effect::WantPictures(wants) => {
                for want in wants.iter().filter(|want| want.priority != Priority::Ahead) {
                    let [red, green, blue, ..] = *want.key.photo.as_bytes();
                    let photo = RgbImage::from_fn(32, 24, |x, y| {
                        image::Rgb([red ^ (x * 8) as u8, green ^ (y * 8) as u8, blue])
                    });
                    if let Ok(picture) = encode(&photo, want.key.size, &self.picker, true) {
                        self.take(Message::PictureReady { key: want.key, picture });
                    }
                }
            }
            Effect::AskDistances { question, list, .. } => self.measuring = Some((question, list)),
            Effect::WantMap { question } => self.take(Message::MapLayout { question, layout: Ok(map(self.photos)) }),
            _ => {}
        }
    }

    fn take(&mut self, message: Message) {
        for effect in update(&mut self.state, message) {
            self.answer(effect);
        }
    }

    /// Presses these keys so many times, and draws after each.
    fn keys(&mut self, keys: &[KeyCode], times: usize) -> io::Result<()> {
        for _ in 0..times {
            for key in keys {
                self.send(Message::Key(KeyEvent::new(*key, KeyModifiers::NONE)))?;
            }
        }
        Ok(())
    }

    /// Puts down what was measured since the last time.
    fn note(&mut self, what: &'static str) {
        let mut took = std::mem::take(&mut self.took);
        took.sort_unstable();
        let within = |share: usize| took.get((took.len() * share / 100).min(took.len().saturating_sub(1)));
        let ms = |share| within(share).map_or(0.0, |time| time.as_secs_f64() * 1e3);
        let bytes = self.sink.bytes.swap(0, Ordering::Relaxed);
        self.figures.push(ViewFigures {
            what,
            photos: self.photos,
            frames: took.len(),
            p50_ms: ms(50),
            p99_ms: ms(99),
            bytes_a_frame: bytes / took.len().max(1),
            peak_rss_mb: peak_rss_mb(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_screen_is_measured_and_sends_something() {
        let figures = measure_view(2_000, 100, 30).unwrap();
        assert!(figures.len() >= 24);
        for figure in &figures {
            assert!(figure.frames > 0 && figure.p99_ms >= figure.p50_ms, "{figure}");
        }
        let bytes = |what: &str| figures.iter().find(|figure| figure.what == what).unwrap().bytes_a_frame;
        assert!(bytes("library: one row down") > 1_000);
    }
}
