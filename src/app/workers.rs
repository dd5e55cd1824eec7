//! The threads behind the screen: pictures, questions, indexing, the viewer.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use image::RgbImage;
use ratatui_image::picker::Picker;

use super::backend::Backend;
use super::mailbox::{CurrentJob, Incoming, Outbox, guarded};
use super::newest::Newest;
use super::picture::{encode, pixels};
use super::queue::Queue;
use super::viewer;
use crate::library::{PhotoId, decode_thumbnail};
use crate::ui::{Message, Picture, PictureWant};

/// The indexing job; there is one in a session.
pub(super) const INDEX: u64 = 1;

/// A question of the screen.
#[derive(Clone, Copy, Debug)]
pub(super) struct Question {
    pub(super) number: u64,
    pub(super) photo: PhotoId,
    pub(super) k: usize,
}

/// All threads of a session.
pub(super) struct Workers {
    backend: Arc<dyn Backend>,
    sender: Sender<Incoming>,
    questions: Arc<Newest<Question>>,
    maps: Arc<Newest<u64>>,
    queue: Arc<Queue>,
    current: CurrentJob,
    threads: Vec<JoinHandle<()>>,
    marks: Option<Sender<(Vec<PhotoId>, bool)>>,
    marking: Option<JoinHandle<()>>,
}

impl Workers {
    /// Starts them. Without a picker there are no pictures to make.
    pub(super) fn start(
        backend: Arc<dyn Backend>,
        sender: Sender<Incoming>,
        picker: Option<Picker>,
    ) -> io::Result<Self> {
        let current: CurrentJob = Arc::new(AtomicU64::new(INDEX));
        let mut workers = Self {
            backend,
            sender,
            questions: Arc::default(),
            maps: Arc::default(),
            queue: Arc::default(),
            current,
            threads: Vec::new(),
            marks: None,
            marking: None,
        };
        workers.start_indexing()?;
        workers.start_answering()?;
        workers.start_mapping()?;
        workers.start_marking()?;
        if let Some(picker) = picker {
            let picker = Arc::new(picker);
            for number in 0..picture_threads() {
                workers.start_picturing(number, Arc::clone(&picker))?;
            }
        }
        Ok(workers)
    }

    /// Asks for neighbours; a question that still waits is forgotten.
    pub(super) fn ask(&self, question: Question) {
        self.questions.put(question);
    }

    /// Asks for the map; one that is being made for an older question is left where it is.
    pub(super) fn want_map(&self, question: u64) {
        self.maps.put(question);
    }

    /// From now on these pictures are wanted and no others.
    pub(super) fn want(&self, wants: Vec<PictureWant>) {
        self.queue.want(wants);
    }

    /// Whether what this job says still counts.
    pub(super) fn is_current(&self, job: u64) -> bool {
        self.current.load(Ordering::Relaxed) == job
    }

    /// Opens a file in the viewer of the system.
    pub(super) fn open(&self, path: PathBuf) {
        let sender = self.sender.clone();
        self.once("viewer", move || {
            let message = match viewer::open(&path) {
                Ok(()) => Message::Notice(format!("opened {}", viewer::shown(&path))),
                Err(why) => Message::Failed(why),
            };
            _ = sender.send(Incoming::Message(message));
        });
    }

    /// Keeps marks.
    pub(super) fn save_marks(&self, photos: Vec<PhotoId>, marked: bool) {
        if self.marks.as_ref().is_none_or(|marks| marks.send((photos, marked)).is_err()) {
            _ = self.sender.send(Incoming::Message(Message::Failed("these marks cannot be kept".to_owned())));
        }
    }

    /// One thread keeps marks, in the order they were made.
    fn start_marking(&mut self) -> io::Result<()> {
        let (backend, sender) = (Arc::clone(&self.backend), self.sender.clone());
        let (marks, made) = mpsc::channel::<(Vec<PhotoId>, bool)>();
        self.marks = Some(marks);
        self.marking = Some(thread::Builder::new().name("marks".into()).spawn(move || {
            for (photos, marked) in made {
                let saved = guarded("keeping the marks", || backend.save_marks(&photos, marked));
                if let Err(why) | Ok(Err(why)) = saved {
                    _ = sender.send(Incoming::Message(Message::Failed(why)));
                }
            }
        })?);
        Ok(())
    }

    /// Tells everybody to stop and waits for them, but not for long: what is not finished then is lost, and is at most
    /// a batch. Marks are waited for however long it takes.
    pub(super) fn stop(mut self, patience: Duration) {
        self.marks = None;
        if let Some(marking) = self.marking.take() {
            _ = marking.join();
        }
        self.current.store(0, Ordering::Relaxed);
        self.questions.close();
        self.maps.close();
        self.queue.close();
        let until = Instant::now() + patience;
        while Instant::now() < until && !self.threads.iter().all(JoinHandle::is_finished) {
            thread::sleep(Duration::from_millis(5));
        }
    }

    fn once(&self, name: &str, work: impl FnOnce() + Send + 'static) {
        if let Err(error) = thread::Builder::new().name(name.into()).spawn(work) {
            _ = self.sender.send(Incoming::Message(Message::Failed(format!("no thread can be started: {error}"))));
        }
    }

    fn keep(&mut self, name: String, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
        self.threads.push(thread::Builder::new().name(name).spawn(work)?);
        Ok(())
    }

    fn start_indexing(&mut self) -> io::Result<()> {
        let backend = Arc::clone(&self.backend);
        let outbox = Outbox::new(self.sender.clone(), INDEX, Arc::clone(&self.current));
        self.keep("index".into(), move || {
            if let Err(why) | Ok(Err(why)) = guarded("indexing", || backend.index(&outbox)) {
                outbox.send(Message::Failed(why));
            }
        })
    }

    fn start_answering(&mut self) -> io::Result<()> {
        let (backend, sender) = (Arc::clone(&self.backend), self.sender.clone());
        let questions = Arc::clone(&self.questions);
        self.keep("neighbours".into(), move || {
            while let Some(Question { number, photo, k }) = questions.take() {
                let answer = guarded("the search", || backend.neighbors(photo, k)).unwrap_or_else(Err);
                _ = sender.send(Incoming::Message(Message::Neighbors { question: number, answer }));
            }
        })
    }

    fn start_mapping(&mut self) -> io::Result<()> {
        let (backend, sender) = (Arc::clone(&self.backend), self.sender.clone());
        let maps = Arc::clone(&self.maps);
        self.keep("map".into(), move || {
            while let Some(question) = maps.take() {
                let send = |layout| {
                    _ = sender.send(Incoming::Message(Message::MapLayout { question, layout }));
                };
                let told = guarded("drawing the map", || backend.map(&|| maps.is_quiet(), &|layout| send(Ok(layout))));
                if let Err(why) | Ok(Err(why)) = told {
                    send(Err(why));
                }
            }
        })
    }

    fn start_picturing(&mut self, number: usize, picker: Arc<Picker>) -> io::Result<()> {
        let (backend, sender) = (Arc::clone(&self.backend), self.sender.clone());
        let queue = Arc::clone(&self.queue);
        self.keep(format!("pictures-{number}"), move || {
            while let Some((want, generation)) = queue.take() {
                let made = guarded("drawing a photo", || make(&*backend, &want, &picker)).unwrap_or_else(Err);
                let key = want.key;
                queue.made(&want, generation, made.as_ref().is_ok_and(|picture| !picture.sharp));
                let message = match made {
                    Ok(picture) => Message::PictureReady { key, picture },
                    Err(why) => {
                        tracing::warn!(photo = %key.photo, why, "no picture");
                        Message::PictureFailed { key }
                    }
                };
                _ = sender.send(Incoming::Message(message));
            }
        })
    }
}

/// Half of the processor is left to indexing.
fn picture_threads() -> usize {
    thread::available_parallelism().map_or(1, |cores| cores.get() / 2).clamp(1, 4)
}

/// Makes a picture from the thumbnail, or from the photo itself where the thumbnail is missing or too coarse.
fn make(backend: &dyn Backend, want: &PictureWant, picker: &Picker) -> Result<Picture, String> {
    let room = want.key.size;
    let (width, height) = pixels(room, picker);
    let thumbnail = || backend.thumbnail(want.key.photo).and_then(|bytes| decode_thumbnail(&bytes).ok());
    if let Some(small) = (!want.sharpen).then(thumbnail).flatten() {
        let sharp = !want.large || is_enough(&small, (width, height));
        return encode(&small, room, picker, sharp);
    }
    let photo = backend.picture(want.key.photo, width.min(height))?;
    encode(&photo, room, picker, true)
}

/// Whether the thumbnail has at least the pixels that will be drawn.
fn is_enough(thumbnail: &RgbImage, (width, height): (u32, u32)) -> bool {
    thumbnail.width() >= width || thumbnail.height() >= height
}
