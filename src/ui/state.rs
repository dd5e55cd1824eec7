//! All the screen knows. `update` changes it, `view` draws it.

use std::collections::HashSet;
use std::sync::Arc;

use ratatui::layout::{Position, Size};

use super::chord::Press;
use super::grid::{Cursor, Grid};
use super::keys::{Context, KeyMap};
use super::map::Map;
use super::message::{IndexProgress, IndexSummary, SkippedRow};
use super::panes::{Panes, Screen};
use super::photos::{PhotoRow, Photos};
use super::pictures::Pictures;
use super::sidebar::Sidebar;
use super::theme::Theme;
use super::walk::Walk;
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

/// What lies above the library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layer {
    Neighbors,
    Zoom,
    Skipped,
    Map,
    Help,
}

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
    pub(super) find: Find,
    pub(super) range_from: Option<PhotoId>,
    pub(super) indexing: Indexing,
    pub(super) notice: Option<Notice>,
    pub(super) count: Option<usize>,
    pub(super) pressed: Vec<Press>,
    pub(super) pictures: Pictures,
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
            find: Find::default(),
            range_from: None,
            indexing: Indexing::default(),
            notice: None,
            count: None,
            pressed: Vec::new(),
            pictures: Pictures::default(),
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

    /// Columns and lines it is laid out for.
    pub const fn size(&self) -> Size {
        self.size
    }

    /// The marked photos, in no order.
    pub const fn marked(&self) -> &HashSet<PhotoId> {
        self.photos.marked()
    }

    /// What has the keyboard.
    pub fn context(&self) -> Context {
        if self.find.typing_from.is_some() {
            return Context::Find;
        }
        match self.layers.last() {
            Some(Layer::Help) => Context::Help,
            Some(Layer::Skipped) => Context::Skipped,
            Some(Layer::Zoom) => Context::Zoom,
            Some(Layer::Map) => Context::Map,
            Some(Layer::Neighbors) => Context::Neighbors,
            None if self.sidebar.focused && self.sidebar_is_shown() => Context::Sidebar,
            None => Context::Grid,
        }
    }

    /// The screen that is drawn; the help lies over it.
    pub(super) fn screen(&self) -> Screen {
        match self.layers.iter().rev().find(|layer| **layer != Layer::Help) {
            Some(Layer::Neighbors) => Screen::Neighbors,
            Some(Layer::Zoom) => Screen::Zoom,
            Some(Layer::Skipped) => Screen::Skipped,
            Some(Layer::Map) => Screen::Map,
            Some(Layer::Help) | None => Screen::Library,
        }
    }

    /// The list of photos that motions, zoom and marks go through: the library, the neighbours or the map.
    pub(super) fn list(&self) -> Screen {
        let list = self.layers.iter().rev().find_map(|layer| match layer {
            Layer::Neighbors => Some(Screen::Neighbors),
            Layer::Map => Some(Screen::Map),
            Layer::Help | Layer::Zoom | Layer::Skipped => None,
        });
        list.unwrap_or(Screen::Library)
    }

    /// How many photos the list has.
    pub(super) fn list_len(&self) -> usize {
        match self.list() {
            Screen::Neighbors => self.walk.here().map_or(0, super::walk::Step::len),
            Screen::Map => self.map.len(),
            _ => self.photos.len(),
        }
    }

    /// The photo at a place of the list.
    pub(super) fn list_photo(&self, place: usize) -> Option<PhotoId> {
        match self.list() {
            Screen::Neighbors => Some(self.walk.here()?.answer()?.neighbors.get(place)?.photo),
            Screen::Map => self.map.photo(place),
            _ => Some(self.photos.get(place)?.id),
        }
    }

    /// The place of a photo in the list.
    pub(super) fn list_place(&self, photo: &PhotoId) -> Option<usize> {
        match self.list() {
            Screen::Neighbors => self.walk.here()?.answer()?.neighbors.iter().position(|n| n.photo == *photo),
            Screen::Map => self.map.number(photo),
            _ => self.photos.place_of(photo),
        }
    }

    /// The selection in the list.
    pub(super) fn list_cursor(&mut self) -> &mut Cursor {
        match (self.list(), self.walk.here_mut()) {
            (Screen::Neighbors, Some(step)) => &mut step.cursor,
            (Screen::Map, _) => &mut self.map.cursor,
            _ => &mut self.cursor,
        }
    }

    /// The selection in the list, to read.
    pub(super) fn list_at(&self) -> Cursor {
        match (self.list(), self.walk.here()) {
            (Screen::Neighbors, Some(step)) => step.cursor,
            (Screen::Map, _) => self.map.cursor,
            _ => self.cursor,
        }
    }

    /// What is known of a photo, if it is in the library.
    pub(super) fn row(&self, photo: &PhotoId) -> Option<&Arc<PhotoRow>> {
        self.photos.row(photo)
    }

    /// The layout; `None`: the terminal is too small for one.
    pub(super) fn panes(&self) -> Option<Panes> {
        Panes::of(self.size, self.screen(), self.pictures_on)
    }

    /// The grid of the list, which lies under the zoomed photo too.
    pub(super) fn list_grid(&self) -> Option<Grid> {
        Panes::of(self.size, self.list(), self.pictures_on).and_then(|panes| panes.grid)
    }

    /// Columns and rows of the list's grid.
    pub(super) fn list_shape(&self) -> (usize, usize) {
        self.list_grid().map_or((1, 1), |grid| (grid.columns, grid.rows))
    }

    /// Whether the terminal is wide enough for the labels.
    pub(super) fn sidebar_is_shown(&self) -> bool {
        Panes::of(self.size, Screen::Library, self.pictures_on).is_some_and(|panes| panes.sidebar.is_some())
    }

    /// Lines for lists that fill the body.
    pub(super) fn body_lines(&self) -> usize {
        self.panes().map_or(1, |panes| panes.body.height.into())
    }

    /// Whether a place of the list belongs to the range that is being marked.
    pub(super) fn in_range(&self, place: usize) -> bool {
        let from = self.range_from.as_ref().and_then(|photo| self.list_place(photo));
        let to = self.list_at().selected;
        from.is_some_and(|from| (from.min(to)..=from.max(to)).contains(&place))
    }

    /// Says something in the status line.
    pub(super) fn say(&mut self, text: impl Into<String>) {
        self.notice = Some(Notice { text: text.into(), alarm: false });
    }

    /// Brings every selection into its list and into sight.
    pub(super) fn settle(&mut self) {
        let (len, shape) = (self.photos.len(), self.library_shape());
        self.cursor.settle(len, shape);
        let shape = self.list_shape();
        if self.list() == Screen::Neighbors
            && let Some(step) = self.walk.here_mut()
        {
            let len = step.len();
            step.cursor.settle(len, shape);
        }
        if self.layers.contains(&Layer::Map) {
            self.map.refresh(&self.photos);
        }
        let lines = self.body_lines();
        self.sidebar.cursor.settle(self.sidebar.entries.len(), (1, lines));
        self.skipped_cursor.settle(self.skipped.len(), (1, super::skipped_pane::rows(lines)));
    }

    fn library_shape(&self) -> (usize, usize) {
        let panes = Panes::of(self.size, Screen::Library, self.pictures_on);
        panes.and_then(|panes| panes.grid).map_or((1, 1), |grid| (grid.columns, grid.rows))
    }

    /// The place of the list under a place on the screen.
    pub(super) fn place_at(&self, at: Position) -> Option<usize> {
        let grid = self.panes()?.grid?;
        let place = self.list_at().top * grid.columns + grid.slot_at(at)?;
        (place < self.list_len()).then_some(place)
    }
}
