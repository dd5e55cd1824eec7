//! The models of a folder: listed, chosen, compared, carried out; changes can be undone.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use super::answers::{answered, renew};
use super::training::believed;
use super::{Folder, locked, sentence};
use crate::app::mailbox::guarded;
use crate::app::typed_path::home;
use crate::app::{Outbox, Undone};
use crate::library::{PhotoId, printable};
use crate::ui::{Answered, Message, ModelRow, ModelsNews, ModelsOrder};
use crate::work::{
    Cancel, Library, ListedModel, ModelChoice, Neighbors, Searcher, Viewer, delete_model, export_model, find_model,
    list_models, rename_model, use_model,
};

/// Neighbours that each of two compared models answers with.
const COMPARED: usize = 60;

/// Said while the library is embedded with a model that is to answer next.
const BUSY: &str = "the library is still being embedded with another model; wait until that answers";

/// What is kept between two orders.
#[derive(Default)]
pub(super) struct Models {
    /// The searchers compared last, by the fingerprints of their models.
    compared: Mutex<Vec<(String, Searcher)>>,
    embedding: Arc<AtomicBool>,
}

/// Tells which models there are.
pub(super) fn tell_models(viewer: &Viewer, outbox: &Outbox) {
    let news = match list_models(viewer) {
        Ok(models) => ModelsNews::List(models.iter().map(row).collect()),
        Err(error) => ModelsNews::Failed(sentence(&error)),
    };
    outbox.send(Message::Models(news));
}

impl Folder {
    /// Does what is asked about the models, and lists them.
    pub(super) fn order_models(&self, order: ModelsOrder, outbox: &Outbox) -> Result<(), String> {
        let library = self.opened()?;
        let viewer = library.viewer().map_err(|error| sentence(&error))?;
        match self.done(library, &viewer, order, outbox) {
            Ok(Some(news)) => outbox.send(Message::Models(news)),
            Ok(None) => {}
            Err(why) => outbox.send(Message::Models(ModelsNews::Failed(why))),
        }
        tell_models(&viewer, outbox);
        Ok(())
    }

    fn done(
        &self,
        library: &Arc<Library>,
        viewer: &Viewer,
        order: ModelsOrder,
        outbox: &Outbox,
    ) -> Result<Option<ModelsNews>, String> {
        if self.models.embedding.load(Ordering::Relaxed) && changes_models(&order) {
            return Err(BUSY.to_owned());
        }
        let wrong = |error: crate::work::WorkError| sentence(&error);
        let done = match order {
            ModelsOrder::List => return Ok(None),
            ModelsOrder::Compare { query, models } => {
                let answers = Box::new(self.compare(viewer, query, &models)?);
                return Ok(Some(ModelsNews::Compared { query, models, answers }));
            }
            ModelsOrder::Use(name) => {
                self.embed_and_use(library, viewer, &name, outbox)?;
                return Ok(None);
            }
            ModelsOrder::Rename { from, to } => {
                rename_model(library, &from, &to).map_err(wrong)?;
                format!("{from} is called {to} now")
            }
            ModelsOrder::Delete(name) => {
                delete_model(library, &name).map_err(wrong)?;
                format!("{name} is deleted; undo brings it back")
            }
            ModelsOrder::Export { name, path } => {
                let path = free_path(&path)?;
                export_model(viewer, &name, &path).map_err(wrong)?;
                format!("{name} is written to {}", printable(&path.to_string_lossy()))
            }
            // These tell themselves what follows from them.
            ModelsOrder::Undo => return self.taken_back(false, outbox).map(|text| Some(ModelsNews::Done(text))),
            ModelsOrder::Redo => return self.taken_back(true, outbox).map(|text| Some(ModelsNews::Done(text))),
        };
        // Which model answers, and what it is called, may be other now.
        renew(&self.neighbors, library, outbox).map_err(wrong)?;
        Ok(Some(ModelsNews::Done(printable(&done))))
    }

    /// Takes the newest change back, or does it again; marks that come and go with it are told.
    fn taken_back(&self, again: bool, outbox: &Outbox) -> Result<String, String> {
        let Undone { text, marked, unmarked } = self.take_back(again, Some(outbox))?;
        outbox.send(Message::Undone { text: text.clone(), marked, unmarked });
        Ok(text)
    }

    /// Lets a model answer. Where its rows are kept that is at once; else the library is embedded on a thread of its own.
    fn embed_and_use(
        &self,
        library: &Arc<Library>,
        viewer: &Viewer,
        name: &str,
        outbox: &Outbox,
    ) -> Result<(), String> {
        let model = find_model(viewer, name).map_err(|error| sentence(&error))?;
        let (library, neighbors, outbox) = (Arc::clone(library), Arc::clone(&self.neighbors), outbox.clone());
        let (embedding, name) = (Arc::clone(&self.models.embedding), name.to_owned());
        embedding.store(true, Ordering::Relaxed);
        let work = move || {
            let used = guarded("choosing the model", || embed(&library, &neighbors, model, &name, &outbox));
            embedding.store(false, Ordering::Relaxed);
            if let Ok(viewer) = library.viewer() {
                tell_models(&viewer, &outbox);
            }
            match used.and_then(|used| used) {
                Ok(()) => outbox.send(Message::Models(ModelsNews::Done(format!("{name} answers now")))),
                Err(why) => outbox.send(Message::Models(ModelsNews::Failed(why))),
            }
        };
        let started = thread::Builder::new().name("model".into()).spawn(work);
        started.map(|_| ()).map_err(|error| {
            self.models.embedding.store(false, Ordering::Relaxed);
            format!("no thread can be started: {error}")
        })
    }

    /// One query answered by two models. The searchers are kept for the next query.
    fn compare(&self, viewer: &Viewer, query: PhotoId, models: &[String; 2]) -> Result<[Answered; 2], String> {
        let keys = models.each_ref().map(|name| (name.as_str(), fingerprint(viewer, name)));
        let mut kept = locked(&self.models.compared);
        kept.retain(|(key, _)| keys.iter().any(|(_, wanted)| wanted == key));
        for (name, key) in &keys {
            if !kept.iter().any(|(of, _)| of == key) {
                let opened = Searcher::open(viewer, &ModelChoice::named(name)).map_err(|error| sentence(&error))?;
                kept.push((key.clone(), opened));
            }
        }
        let answer = |key: &str| {
            let searcher = kept.iter().find(|(of, _)| of == key).map(|(_, searcher)| searcher);
            let searcher = searcher.ok_or("this model cannot be opened")?;
            let found = searcher.nearest_to_photo(query, COMPARED).map_err(|error| sentence(&error))?;
            let found = found.ok_or_else(|| format!("{} has no row of this photo", printable(searcher.model())))?;
            Ok::<_, String>(answered(searcher, &found))
        };
        let [(_, one), (_, other)] = &keys;
        Ok([answer(one)?, answer(other)?])
    }
}

const fn changes_models(order: &ModelsOrder) -> bool {
    !matches!(order, ModelsOrder::List | ModelsOrder::Compare { .. } | ModelsOrder::Export { .. })
}

/// Names a model and what it embeds: photos that come or go make another searcher of it.
fn fingerprint(viewer: &Viewer, name: &str) -> String {
    let record = viewer.reader().model_named(name).ok().flatten();
    let photos = viewer.reader().photo_ids().map_or(0, |photos| photos.len());
    record.map_or_else(|| format!("{name}/{photos}"), |record| format!("{}/{photos}", record.fingerprint))
}

fn embed(
    library: &Arc<Library>,
    neighbors: &Neighbors,
    model: Option<crate::store::ModelId>,
    name: &str,
    outbox: &Outbox,
) -> Result<(), String> {
    let cancel = Cancel::default();
    let mut progress = |done: usize, total: usize| {
        if !outbox.is_wanted() {
            cancel.cancel();
        }
        let text = format!("embedding the library with {name}: {done} / {total}");
        outbox.send(Message::Models(ModelsNews::Busy(text)));
    };
    use_model(library, model, &cancel, &mut progress).map_err(|error| sentence(&error))?;
    renew(neighbors, library, outbox).map_err(|error| sentence(&error))
}

/// The path as it was typed, `~` being the home folder; a file that is there is not written over.
fn free_path(typed: &str) -> Result<PathBuf, String> {
    let path = home(typed);
    if typed.trim().is_empty() {
        return Err("name a file, for example ~/model.safetensors".to_owned());
    }
    if path.try_exists().unwrap_or(true) {
        return Err(format!("{} is there already; name another file", printable(&path.to_string_lossy())));
    }
    Ok(path)
}

fn row(model: &ListedModel) -> ModelRow {
    ModelRow {
        name: printable(&model.name),
        base: model.base,
        depth: model.depth.clone(),
        parent: model.parent.as_deref().map(printable),
        created: model.created(),
        dim: model.dim,
        bytes: model.bytes,
        in_use: model.current,
        judged: model.judgement.as_ref().and_then(believed),
        config: model.config.iter().map(|fact| printable(fact)).collect(),
    }
}
