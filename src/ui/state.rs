//! All the screen knows. `update` changes it, `view` draws it.

use std::collections::HashMap;
use std::sync::Arc;

use ratatui::layout::Size;

use super::asked::Asked;
use super::chord::Press;
use super::filter_box::FilterBox;
use super::grid::Cursor;
use super::key_map::KeyMap;
use super::keys::Context;
pub(super) use super::layer::Layer;
use super::map::Map;
use super::measured::Measured;
use super::message::{Effect, IndexProgress, IndexSummary, Message, SkippedRow};
use super::models::Models;
use super::palette::Palette;
use super::panes::{Panes, Screen};
use super::photos::{PhotoRow, Photos};
use super::pictures::Pictures;
use super::prompt::Prompt;
use super::sidebar::Sidebar;
use super::theme::Theme;
use super::training::Training;
use super::walk::{Ask, Walk};
use super::words;
use crate::library::PhotoId;

/// What is settled before the first frame.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The folder as it is shown, printable.
    pub folder: String,
    /// Colours.
    pub theme: Theme,
    /// Whether pictures are drawn at all.
    pub pictures: bool,
    /// Columns and lines of the terminal.
    pub size: Size,
    /// Which key does what.
    pub keys: KeyMap,
}

/// How many neighbours are asked for.
const NEIGHBORS: usize = 100;

/// How indexing stands.
#[derive(Clone, Debug, Default)]
pub(super) enum Indexing {
    #[default]
    Unknown,
    Running(IndexProgress),
    Finished(IndexSummary),
}

/// A line for the person in front of the screen; gone with the next key.
#[derive(Clone, Debug)]
pub(super) struct Notice {
    pub(super) text: String,
    pub(super) alarm: bool,
}

/// The name that is looked for.
#[derive(Clone, Debug, Default)]
pub(super) struct Find {
    /// While it is typed: the place that was selected before.
    pub(super) typing_from: Option<usize>,
    /// And the photo that lay there: rows may come in between.
    pub(super) photo_before: Option<PhotoId>,
    pub(super) text: String,
}

/// The state of the screen.
#[derive(Debug)]
pub struct State {
    pub(super) folder: String,
    pub(super) theme: Theme,
    pub(super) pictures_on: bool,
    pub(super) size: Size,
    pub(super) keys: KeyMap,
    pub(super) photos: Photos,
    pub(super) cursor: Cursor,
    pub(super) sidebar: Sidebar,
    pub(super) layers: Vec<Layer>,
    pub(super) walk: Walk,
    pub(super) map: Map,
    pub(super) skipped: Arc<[SkippedRow]>,
    pub(super) skipped_cursor: Cursor,
    pub(super) help_top: usize,
    pub(super) palette: Palette,
    pub(super) find: Find,
    pub(super) filter_box: Option<FilterBox>,
    pub(super) prompt: Option<Prompt>,
    /// The photo that the selected one is compared with.
    pub(super) compare: Option<PhotoId>,
    pub(super) last_marked: Option<PhotoId>,
    /// The photo that was selected before this one.
    pub(super) selected_before: Option<PhotoId>,
    pub(super) measured: Measured,
    /// Photos outside the library that were asked about.
    pub(super) visitors: HashMap<PhotoId, Arc<PhotoRow>>,
    /// The image file that is being looked at, to be asked about.
    pub(super) looking: Option<String>,
    pub(super) range_from: Option<PhotoId>,
    pub(super) indexing: Indexing,
    /// Whether the folder was gone through once, or all that another program knows of it was told: from then on photos
    /// come one by one, and the selection is somebody's.
    pub(super) is_whole: bool,
    pub(super) standing: Option<String>,
    pub(super) notice: Option<Notice>,
    pub(super) count: Option<usize>,
    pub(super) pressed: Vec<Press>,
    pub(super) pictures: Pictures,
    /// Whether a key that scrolls is held.
    pub(super) in_hurry: bool,
    pub(super) training: Training,
    pub(super) models: Models,
}

impl State {
    /// The state before the first message.
    pub fn new(settings: Settings) -> Self {
        let mut state = Self {
            folder: settings.folder,
            theme: settings.theme,
            pictures_on: settings.pictures,
            size: settings.size,
            keys: settings.keys,
            photos: Photos::default(),
            cursor: Cursor::default(),
            sidebar: Sidebar::default(),
            layers: Vec::new(),
            walk: Walk::default(),
            map: Map::default(),
            skipped: Arc::from([]),
            skipped_cursor: Cursor::default(),
            help_top: 0,
            palette: Palette::default(),
            find: Find::default(),
            filter_box: None,
            prompt: None,
            compare: None,
            last_marked: None,
            selected_before: None,
            measured: Measured::default(),
            visitors: HashMap::new(),
            looking: None,
            range_from: None,
            indexing: Indexing::default(),
            is_whole: false,
            standing: None,
            notice: None,
            count: None,
            pressed: Vec::new(),
            pictures: Pictures::default(),
            in_hurry: false,
            training: Training::default(),
            models: Models::default(),
        };
        state.sidebar.refresh(&state.photos, 0);
        state
    }

    /// The photo a key would act on now.
    pub fn selected_photo(&self) -> Option<PhotoId> {
        match self.list() {
            Screen::Neighbors => self.walk.here().and_then(super::walk::Step::selected),
            Screen::Map => self.map.photo(self.map.cursor.selected),
            _ => self.photos.get(self.cursor.selected).map(|row| row.id),
        }
    }

    /// The first row in sight of the list; it changes when somebody scrolls.
    pub fn first_row(&self) -> usize {
        self.list_at().top
    }

    /// Whether a message may change the next frame; a picture that is made ahead does not.
    pub fn would_show(&self, message: &Message) -> bool {
        match message {
            Message::PictureReady { key, .. } | Message::PictureFailed { key } => self.pictures.are_awaiting(key),
            _ => true,
        }
    }

    /// Columns and lines it is laid out for.
    pub const fn size(&self) -> Size {
        self.size
    }

    /// The marked photos, in no order; some may not be in the library now.
    pub fn marked(&self) -> Vec<PhotoId> {
        self.photos.marked_by_name().into_iter().chain(self.photos.marked_away().iter().copied()).collect()
    }

    /// What has the keyboard.
    pub fn context(&self) -> Context {
        if self.prompt.is_some() {
            return Context::Prompt;
        }
        if self.filter_box.is_some() {
            return Context::Filter;
        }
        if self.find.typing_from.is_some() {
            return Context::Find;
        }
        self.context_of(self.layers.last())
    }

    /// What has the keyboard when the popups are gone.
    pub(super) fn context_below(&self) -> Context {
        self.context_of(self.layers.iter().rfind(|layer| !layer.is_popup()))
    }

    fn context_of(&self, layer: Option<&Layer>) -> Context {
        match layer {
            Some(layer) => layer.context(),
            None if self.sidebar.focused && self.sidebar_is_shown() => Context::Sidebar,
            None => Context::Grid,
        }
    }

    /// The screen that is drawn; popups lie over it.
    pub(super) fn screen(&self) -> Screen {
        self.layers.iter().rev().find_map(|layer| layer.screen()).unwrap_or(Screen::Library)
    }

    /// What is known of a photo, in the library or outside.
    pub(super) fn row(&self, photo: &PhotoId) -> Option<&Arc<PhotoRow>> {
        self.photos.row(photo).or_else(|| self.visitors.get(photo))
    }

    /// The name of a photo's file.
    pub(super) fn name_of(&self, photo: &PhotoId) -> String {
        self.row(photo).map_or_else(|| photo.to_string(), |row| words::file_name(&row.name).to_owned())
    }

    /// Asks for neighbours among the photos that are shown.
    pub(super) fn ask(&self, ask: Ask) -> Effect {
        let Ask { question, query, with } = ask;
        let asked = Asked { photo: query, with, k: NEIGHBORS, among: self.photos.among() };
        Effect::AskNeighbors { question, asked }
    }

    /// Asks for the neighbours in sight, if they are not known.
    pub(super) fn ask_if_needed(&mut self) -> Vec<Effect> {
        self.walk.ask_if_needed().map(|ask| self.ask(ask)).into_iter().collect()
    }

    /// The layout; `None`: the terminal is too small for one.
    pub(super) fn panes(&self) -> Option<Panes> {
        Panes::of(self.size, self.screen(), self.pictures_on)
    }

    /// Whether the terminal is wide enough for the labels.
    pub(super) fn sidebar_is_shown(&self) -> bool {
        Panes::of(self.size, Screen::Library, self.pictures_on).is_some_and(|panes| panes.sidebar.is_some())
    }

    /// Lines for lists that fill the body.
    pub(super) fn body_lines(&self) -> usize {
        self.panes().map_or(1, |panes| panes.body.height.into())
    }

    /// Says something in the status line.
    pub(super) fn say(&mut self, text: impl Into<String>) {
        self.notice = Some(Notice { text: text.into(), alarm: false });
    }
}
