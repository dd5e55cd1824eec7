use super::bench::{Bench, photo, wish};
use crate::app::backend::Backend;
use crate::ui::{Message, ModelRow, ModelsNews, ModelsOrder, TrainingWish};

fn in_use(models: &[ModelRow]) -> String {
    models.iter().find(|model| model.in_use).unwrap().name.clone()
}

fn said(news: &[ModelsNews]) -> String {
    let words = |news: &ModelsNews| match news {
        ModelsNews::Done(text) | ModelsNews::Failed(text) => text.clone(),
        other => format!("{other:?}"),
    };
    news.iter().map(words).collect::<Vec<_>>().join("; ")
}

/// Lets a model answer and waits until it does.
fn choose(bench: &Bench, name: &str) {
    bench.folder.models(ModelsOrder::Use(name.to_owned()), &bench.outbox).unwrap();
    bench.wait(|message| match message {
        Message::Models(ModelsNews::Done(text)) if text.contains("answers now") => Some(()),
        Message::Models(ModelsNews::Failed(why)) => panic!("{why}"),
        _ => None,
    });
    bench.folder.neighbors.wait();
}

#[test]
fn a_model_is_chosen_undone_and_done_again_and_answers_at_once() {
    let bench = Bench::new();
    let (outcome, _) = bench.train(wish(60));
    let answers = |expected: &str| {
        bench.folder.neighbors.wait();
        assert_eq!(&*bench.folder.neighbors(&like(photo(0), 5)).unwrap().model, expected);
    };
    choose(&bench, "base");
    answers("base");
    choose(&bench, &outcome.model);
    answers("tuned 1");
    // Rows of both are kept: nothing is embedded again, and nobody is told to wait.
    let (news, models) = bench.models(ModelsOrder::Undo);
    assert!(!news.iter().any(|news| matches!(news, ModelsNews::Busy(_))), "{news:?}");
    assert_eq!(
        (said(&news).as_str(), in_use(&models).as_str()),
        ("undone: another model in use; “base” answers now", "base")
    );
    answers("base");
    let (news, models) = bench.models(ModelsOrder::Redo);
    assert_eq!(
        (said(&news).as_str(), in_use(&models).as_str()),
        ("done again: another model in use; “tuned 1” answers now", "tuned 1")
    );
    answers("tuned 1");
    let model = models.iter().find(|model| model.name == "tuned 1").unwrap();
    assert_eq!(model.judged, outcome.judged);
    assert!(!model.base && model.depth.as_deref() == Some("head") && model.parent.as_deref() == Some("base"));
    assert!(model.config.iter().any(|fact| fact == "margin 0.2") && model.created.len() == 16, "{model:?}");
}

#[test]
fn models_are_renamed_deleted_brought_back_and_exported_without_harm() {
    let bench = Bench::new();
    bench.train(wish(40));
    let order = |order| {
        let (news, models) = bench.models(order);
        (said(&news), models.iter().map(|model| model.name.clone()).collect::<Vec<_>>())
    };
    let rename = |from: &str, to: &str| ModelsOrder::Rename { from: from.to_owned(), to: to.to_owned() };
    assert_eq!(
        order(rename("tuned 1", "mine")),
        ("tuned 1 is called mine now".to_owned(), vec!["base".into(), "mine".into()])
    );
    assert!(order(rename("base", "other")).0.contains("cannot be renamed"));
    assert_eq!(order(ModelsOrder::Delete("mine".to_owned())).1, ["base"]);
    assert_eq!(order(ModelsOrder::Undo).1, ["base", "mine"]);
    let export =
        |path: &std::path::Path| ModelsOrder::Export { name: "mine".to_owned(), path: path.display().to_string() };
    let file = bench.place().join("mine.safetensors");
    assert!(order(export(&file)).0.starts_with("mine is written to"));
    let size = std::fs::metadata(&file).unwrap().len();
    assert!(size > 1000);
    std::fs::write(&file, "precious").unwrap();
    assert!(order(export(&file)).0.contains("is there already"));
    assert_eq!(std::fs::read(&file).unwrap(), b"precious");
    assert!(order(export(&bench.place().join("photos/x.safetensors"))).0.contains("never written to"));
    assert!(order(ModelsOrder::Use("nobody".to_owned())).0.contains("no model `nobody`"));
}

#[test]
fn two_models_answer_one_query_each_by_its_own_rows() {
    let bench = Bench::new();
    bench.train(TrainingWish { holdout: 0.0, ..wish(60) });
    let models = ["base".to_owned(), "tuned 1".to_owned()];
    let order = || ModelsOrder::Compare { query: photo(4), models: models.clone() };
    let (news, _) = bench.models(order());
    let Some(ModelsNews::Compared { query, answers, .. }) = news.first() else { panic!("{news:?}") };
    assert_eq!(*query, photo(4));
    let [base, tuned] = &**answers;
    assert_eq!((&*base.model, &*tuned.model), ("base", "tuned 1"));
    assert_ne!(base.neighbors, tuned.neighbors);
    choose(&bench, "base");
    let k = base.neighbors.len();
    assert_eq!(bench.folder.neighbors(&like(photo(4), k)).unwrap().neighbors, base.neighbors);
    let (again, _) = bench.models(order());
    let Some(ModelsNews::Compared { answers: again, .. }) = again.first() else { panic!("{again:?}") };
    assert_eq!(again[1].neighbors, tuned.neighbors);
}

/// A question with one photo, among all.
fn like(photo: crate::library::PhotoId, k: usize) -> crate::ui::Asked {
    crate::ui::Asked { photo, with: crate::ui::Examples::default(), k, among: None }
}
