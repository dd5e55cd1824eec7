//! Everything that a key can mean.

use super::name;

/// What a key means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// One step left, or to the previous photo.
    Left,
    /// One step right, or to the next photo.
    Right,
    /// One row up.
    Up,
    /// One row down.
    Down,
    /// One page up.
    PageUp,
    /// One page down.
    PageDown,
    /// To the first, or with a count to that place.
    First,
    /// To the last, or with a count to that place.
    Last,
    /// Neighbours of the selected photo, or what the selected line stands for.
    Open,
    /// One layer out.
    Out,
    /// Back along the walk.
    WalkBack,
    /// Forward along the walk.
    WalkForward,
    /// Mark or unmark.
    Mark,
    /// Start a range of marks, or mark it.
    MarkRange,
    /// The next order of the photos.
    Sort,
    /// The same order the other way round.
    Reverse,
    /// Type a name to find.
    Find,
    /// The next photo that was found.
    FindNext,
    /// The previous photo that was found.
    FindPrevious,
    /// Keep what was found.
    FindKeep,
    /// Take the last typed character back.
    FindErase,
    /// Choose which photos are shown.
    Filter,
    /// Keep what was typed.
    Accept,
    /// Take the last typed character back, where something else than a name is typed.
    Erase,
    /// Take over what is suggested.
    Complete,
    /// The other pane.
    Focus,
    /// One photo large.
    Zoom,
    /// Two photos side by side.
    Compare,
    /// Everything that is known of a photo.
    Details,
    /// Ask with all marked photos.
    AskMarked,
    /// Ask again, with this photo to be like.
    MoreLike,
    /// Ask again, with this photo to be unlike.
    LessLike,
    /// Ask again with the query alone.
    QueryAlone,
    /// Ask about an image file.
    AskPath,
    /// To a step of the walk.
    WalkTo,
    /// Take the last change of marks or models back.
    Undo,
    /// Do again what was taken back.
    Redo,
    /// Write the paths of the marked photos to a file.
    ExportMarks,
    /// Show the file in the file manager.
    Reveal,
    /// Copy the path.
    CopyPath,
    /// Open in the viewer of the system.
    OpenInViewer,
    /// The list of skipped files.
    Skipped,
    /// The help.
    Help,
    /// Every action, found by its words.
    Palette,
    /// Draw everything again.
    Redraw,
    /// Put the program to sleep.
    Suspend,
    /// Leave.
    Quit,
    /// Start a training, or see the one that runs.
    Train,
    /// The list of models.
    Models,
    /// The pane or field before.
    FocusBack,
    /// No cursor.
    Reset,
    /// The loss on a logarithmic scale.
    LogScale,
    /// The last steps, or the whole run.
    Recent,
    /// Pause the training, or go on.
    Pause,
    /// Stop it and keep the best.
    StopTraining,
    /// Stop it and keep nothing.
    DiscardTraining,
    /// Change its settings.
    Steer,
    /// Double the learning rate.
    RateUp,
    /// Halve it.
    RateDown,
    /// Mine semi-hard triplets.
    MineSemiHard,
    /// Save a checkpoint.
    Checkpoint,
    /// Back to the last good state.
    GoBack,
    /// Leave most of the processor to everything else.
    Gentle,
    /// The label of this photo is wrong.
    WrongLabel,
    /// All labels said to be wrong.
    WrongLabels,
    /// Photos that the guard suspects.
    Suspects,
    /// Trainings that were cut off.
    Unfinished,
    /// End one where it stands.
    FinishRun,
    /// Forget one.
    ForgetRun,
    /// Yes.
    Yes,
    /// Compare two models.
    CompareModels,
    /// Give a model another name.
    RenameModel,
    /// Delete a model.
    DeleteModel,
    /// Write a model to a file.
    ExportModel,
    /// The map of all photos.
    Map,
    /// The next photo in the same spot of the map.
    NextHere,
    /// Look at the next label of the map.
    NextLabel,
    /// Look at the previous label of the map.
    PreviousLabel,
    /// The map larger.
    ZoomIn,
    /// The map smaller.
    ZoomOut,
    /// All of the map.
    ZoomReset,
    /// Another part of the map.
    PanLeft,
    /// Another part of the map.
    PanRight,
    /// Another part of the map.
    PanUp,
    /// Another part of the map.
    PanDown,
}

impl Action {
    /// Its name in the file of keys: `PageDown` is `page-down`.
    pub(in crate::ui) fn name(self) -> String {
        name(self)
    }
}
