//! `tripletui export FOLDER --what ... -o FILE`

use super::arguments::ExportArguments;
use super::exit::{Failure, Found};
use super::output::{line, shown};
use super::settings::Settings;
use crate::work::{ExportWhat, Library, ModelChoice, export_embeddings, export_features};

/// Writes the file and says how much is in it.
pub(super) fn run(arguments: &ExportArguments, settings: &Settings) -> Result<Found, Failure> {
    let viewer = Library::open(&arguments.folder, &settings.library_options())?.viewer()?;
    let (rows, dim) = match arguments.what {
        ExportWhat::Features if arguments.model.is_some() => {
            return Err(Failure::usage("--model goes with `--what embeddings`; features belong to the network"));
        }
        ExportWhat::Features => export_features(&viewer, &arguments.output, arguments.format)?,
        ExportWhat::Embeddings => {
            let choice = arguments.model.as_deref().map_or(ModelChoice::Current, ModelChoice::named);
            export_embeddings(&viewer, &choice, &arguments.output, arguments.format)?
        }
    };
    line(&format!("{rows} rows of {dim} numbers in {}", shown(&arguments.output)))?;
    Ok(if rows > 0 { Found::Something } else { Found::Nothing })
}
