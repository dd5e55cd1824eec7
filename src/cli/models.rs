//! `tripletui models FOLDER`

use serde_json::{Value, json};

use super::arguments::{ModelsAction, ModelsArguments};
use super::exit::{Failure, Found};
use super::output::{Bar, json as print_json, line, printable_text, shown};
use super::settings::Settings;
use crate::work::{
    Library, ListedModel, Viewer, delete_model, export_model, find_model, import_model, list_models, rename_model,
    undo, use_model,
};

/// Lists, chooses, exports, imports, renames or deletes models.
pub(super) fn run(arguments: &ModelsArguments, settings: &Settings) -> Result<Found, Failure> {
    let options = settings.library_options();
    let said = match arguments.action.as_ref().unwrap_or(&ModelsAction::List) {
        ModelsAction::List => return list(&Viewer::open(&arguments.folder, &options)?, arguments.json),
        ModelsAction::Export { name, output } => {
            export_model(&Viewer::open(&arguments.folder, &options)?, name, output)?;
            json!({ "exported": name, "file": shown(output) })
        }
        ModelsAction::Use { name } => {
            let library = Library::open(&arguments.folder, &options)?;
            choose(&library, name)?;
            json!({ "in_use": name })
        }
        ModelsAction::Import { file, name } => {
            let library = Library::open(&arguments.folder, &options)?;
            json!({ "imported": import_model(&library, file, name.as_deref())? })
        }
        ModelsAction::Rename { name, new } => {
            rename_model(&Library::open(&arguments.folder, &options)?, name, new)?;
            json!({ "renamed": name, "to": new })
        }
        ModelsAction::Delete { name } => {
            delete_model(&Library::open(&arguments.folder, &options)?, name)?;
            json!({ "deleted": name })
        }
        ModelsAction::Undo => json!({ "undone": taken_back(&Library::open(&arguments.folder, &options)?, false)? }),
        ModelsAction::Redo => json!({ "done_again": taken_back(&Library::open(&arguments.folder, &options)?, true)? }),
    };
    let nothing = said.as_object().is_some_and(|said| said.values().any(Value::is_null));
    if arguments.json {
        print_json(&said)?;
    } else {
        line(&in_words(&said))?;
    }
    Ok(if nothing { Found::Nothing } else { Found::Something })
}

fn choose(library: &Library, name: &str) -> Result<(), Failure> {
    let cancel = super::process::cancel_on_interrupt()?;
    let id = find_model(&library.viewer()?, name)?;
    let mut bar = Bar::new();
    let mut progress = |done, total| bar.show("embedding the library with the model", done, total);
    let used = use_model(library, id, &cancel, &mut progress);
    bar.clear();
    Ok(used?)
}

/// "exported tuned 1, file a.safetensors"
fn in_words(said: &Value) -> String {
    let word = |value: &Value| value.as_str().map_or_else(|| "nothing".to_owned(), printable_text);
    let parts = said.as_object().into_iter().flatten();
    parts.map(|(key, value)| format!("{} {}", key.replace('_', " "), word(value))).collect::<Vec<_>>().join(", ")
}

fn list(viewer: &Viewer, as_json: bool) -> Result<Found, Failure> {
    let models = list_models(viewer)?;
    for model in &models {
        if as_json {
            print_json(model)?;
        } else {
            line(&row(model))?;
        }
    }
    Ok(if models.is_empty() { Found::Nothing } else { Found::Something })
}

/// One line: name, depth, numbers before and after, verdict.
fn row(model: &ListedModel) -> String {
    let sign = match (model.current, model.wanted) {
        (true, _) => "*",
        (_, true) => "+",
        _ => " ",
    };
    let number = |report: &Value, key: &str| report[key].as_f64().map_or_else(|| "-".to_owned(), |v| format!("{v:.3}"));
    let arrow = |key: &str| format!("{} > {}", number(&model.before, key), number(&model.after, key));
    let numbers = if model.after.is_object() {
        format!("  Recall@1 {}  MAP@R {}", arrow("recall_at_1"), arrow("map_at_r"))
    } else {
        String::new()
    };
    let verdict = model.verdict.as_deref().map(|verdict| format!("  {verdict}")).unwrap_or_default();
    let depth = model.depth.as_deref().unwrap_or("-");
    format!("{sign} {}  {depth}  {} numbers{numbers}{verdict}", printable_text(&model.name), model.dim)
}

/// Which change was taken back, or done again, in words.
fn taken_back(library: &Library, again: bool) -> Result<Option<String>, Failure> {
    Ok(undo(library, again)?.map(|change| change.to_string()))
}
