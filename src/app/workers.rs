//! The threads behind the screen: pictures, questions, indexing, the viewer.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use image::RgbImage;
use ratatui::layout::Size;
use ratatui_image::picker::Picker;

use super::backend::{Backend, Undone};
use super::mailbox::{CurrentJob, Incoming, Outbox, guarded};
use super::newest::Newest;
use super::orders::{Order, Orders};
use super::pens::Pens;
use super::picture::{encode, pixels};
use super::queue::Queue;
use crate::library::{PhotoId, decode_thumbnail};
use crate::ui::{Asked, Message, Picture, PictureWant};

/// The indexing job; there is one in a session.
pub(super) const INDEX: u64 = 1;

/// A question of the screen.
#[derive(Clone, Debug)]
pub(super) struct Question {
    pub(super) number: u64,
    pub(super) asked: Asked,
}

/// A change of the library that the person makes. Changes are made in the order they were asked for.
#[derive(Clone, Debug)]
enum Edit {
    Mark { photos: Vec<PhotoId>, marked: bool },
    Undo { again: bool },
}

/// All threads of a session.
pub(super) struct Workers {
    backend: Arc<dyn Backend>,
    sender: Sender<Incoming>,
    questions: Arc<Newest<Question>>,
    maps: Arc<Newest<u64>>,
    queue: Arc<Queue>,
    pens: Option<Arc<Pens>>,
    current: CurrentJob,
    threads: Vec<JoinHandle<()>>,
    edits: Option<Sender<Edit>>,
    editing: Option<JoinHandle<()>>,
    orders: Orders,
}

impl Workers {
    /// Starts them. Without a picker there are no pictures to make.
    pub(super) fn start(
        backend: Arc<dyn Backend>,
        sender: Sender<Incoming>,
        picker: Option<Picker>,
    ) -> io::Result<Self> {
        let current: CurrentJob = Arc::new(AtomicU64::new(INDEX));
        let pens = picker.map(|picker| Arc::new(Pens::new(picker)));
        let orders = Orders::start(Arc::clone(&backend), Outbox::new(sender.clone(), INDEX, Arc::clone(&current)))?;
        let (threads, edits, editing) = (Vec::new(), None, None);
        let (questions, maps, queue) = (Arc::default(), Arc::default(), Arc::default());
        let mut workers =
            Self { backend, sender, questions, maps, queue, pens, current, threads, edits, editing, orders };
        workers.start_indexing()?;
        workers.start_answering()?;
        workers.start_mapping()?;
        workers.start_editing()?;
        if let Some(pens) = workers.pens.clone() {
            for number in 0..picture_threads() {
                workers.start_picturing(number, Arc::clone(&pens))?;
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

    /// A cell of the terminal has so many pixels now; pictures are made for that from now on.
    pub(super) fn set_cell(&self, cell: Size) {
        if let Some(pens) = &self.pens {
            pens.set_cell(cell);
        }
    }

    /// Whether what this job says still counts.
    pub(super) fn is_current(&self, job: u64) -> bool {
        self.current.load(Ordering::Relaxed) == job
    }

    /// Keeps marks.
    pub(super) fn save_marks(&self, photos: Vec<PhotoId>, marked: bool) {
        self.edit(Edit::Mark { photos, marked });
    }

    /// Takes the newest change back, or does it again.
    pub(super) fn undo(&self, again: bool) {
        self.edit(Edit::Undo { again });
    }

    fn edit(&self, edit: Edit) {
        if self.edits.as_ref().is_none_or(|edits| edits.send(edit).is_err()) {
            _ = self.sender.send(Incoming::Message(Message::Failed("this change cannot be kept".to_owned())));
        }
    }

    /// Asks something of the training or about the models.
    pub(super) fn order(&self, order: Order) {
        if !self.orders.put(order) {
            _ = self.sender.send(Incoming::Message(Message::Failed("nothing can be trained any more".to_owned())));
        }
    }

    /// One thread changes the library, in the order of what was asked.
    fn start_editing(&mut self) -> io::Result<()> {
        let (backend, sender) = (Arc::clone(&self.backend), self.sender.clone());
        let (edits, asked) = mpsc::channel::<Edit>();
        self.edits = Some(edits);
        self.editing = Some(thread::Builder::new().name("edits".into()).spawn(move || {
            for edit in asked {
                let done = guarded("keeping the change", || make_edit(&*backend, edit)).unwrap_or_else(Err);
                if let Some(message) = done.unwrap_or_else(|why| Some(Message::Failed(why))) {
                    _ = sender.send(Incoming::Message(message));
                }
            }
        })?);
        Ok(())
    }

    /// Tells everybody to stop and waits for them, but not for long: what is not finished then is lost, and is at most
    /// a batch. Changes are waited for however long it takes, a training as long as its backend thinks right.
    pub(super) fn stop(mut self, patience: Duration) {
        self.edits = None;
        if let Some(editing) = self.editing.take() {
            _ = editing.join();
        }
        self.current.store(0, Ordering::Relaxed);
        self.orders.close();
        self.questions.close();
        self.maps.close();
        self.queue.close();
        let until = Instant::now() + patience;
        while Instant::now() < until && !self.threads.iter().all(JoinHandle::is_finished) {
            thread::sleep(Duration::from_millis(5));
        }
        self.orders.join();
    }

    /// Does something on a thread of its own and tells what came of it.
    pub(super) fn run_once(
        &self,
        name: &'static str,
        work: impl FnOnce(&dyn Backend) -> Result<Message, String> + Send + 'static,
    ) {
        let (backend, sender) = (Arc::clone(&self.backend), self.sender.clone());
        self.once(name, move || {
            let done = guarded(name, || work(&*backend)).unwrap_or_else(Err);
            _ = sender.send(Incoming::Message(done.unwrap_or_else(Message::Failed)));
        });
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
            while let Some(Question { number, asked }) = questions.take() {
                let answer = guarded("the search", || backend.neighbors(&asked)).unwrap_or_else(Err);
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

    fn start_picturing(&mut self, number: usize, pens: Arc<Pens>) -> io::Result<()> {
        let (backend, sender) = (Arc::clone(&self.backend), self.sender.clone());
        let queue = Arc::clone(&self.queue);
        self.keep(format!("pictures-{number}"), move || {
            while let Some((want, generation)) = queue.take() {
                let made = guarded("drawing a photo", || make(&*backend, &want, &pens.picker())).unwrap_or_else(Err);
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

fn make_edit(backend: &dyn Backend, edit: Edit) -> Result<Option<Message>, String> {
    match edit {
        Edit::Mark { photos, marked } => backend.save_marks(&photos, marked).map(|()| None),
        Edit::Undo { again } => {
            let Undone { text, marked, unmarked } = backend.undo(again)?;
            Ok(Some(Message::Undone { text, marked, unmarked }))
        }
    }
}

/// Somebody waits for a page of pictures, and there is no more than that to make: for this moment indexing has less.
fn picture_threads() -> usize {
    thread::available_parallelism().map_or(1, std::num::NonZero::get).clamp(1, 4)
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
