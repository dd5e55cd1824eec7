//! Which index answers, what is remembered of it, whether it is right, and what can be asked of it.

use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tripletui::library::PhotoId;
use tripletui::neighbor::Method;
use tripletui::store::StoreDirs;
use tripletui::work::{
    Cancel, IndexSettings, Library, LibraryOptions, ModelChoice, Neighbors, NeighborsEvent, Question, Searcher, index,
    refresh_models, refresh_neighbors,
};

use crate::program::World;

fn indexed(photos: u32) -> World {
    let world = World::new();
    (0..photos).for_each(|n| world.draw(&format!("label {}/{n:02}.png", n % 4), n));
    world.index();
    world
}

fn photo(world: &World, n: u32) -> String {
    world.photos().join(format!("label {}/{n:02}.png", n % 4)).to_str().unwrap().to_owned()
}

fn names(reply: &Value) -> Vec<&str> {
    reply["neighbors"].as_array().unwrap().iter().map(|n| n["path"].as_str().unwrap()).collect()
}

fn open(world: &World) -> Arc<Library> {
    let options = LibraryOptions {
        dirs: StoreDirs { data: world.path("data"), cache: world.path("cache") },
        threads: 1,
        decode_budget: 400_000_000,
        backbone: tripletui::embedder::BackboneSpec::default(),
        processor: tripletui::embedder::Processor::Cpu,
        index: IndexSettings::default(),
    };
    Arc::new(Library::open(&world.photos(), &options).unwrap())
}

fn id_of(path: &str) -> PhotoId {
    PhotoId::of_content(&std::fs::read(path).unwrap())
}

#[test]
fn every_exact_index_gives_the_same_answer_and_names_itself() {
    let world = indexed(30);
    let ask = |kind: &str| world.json("query", &[&photo(&world, 3), "-k", "12", "--index", kind]).remove(0);
    let (tree, scan, auto) = (ask("tree"), ask("scan"), ask("auto"));
    assert_eq!(tree["neighbors"], scan["neighbors"]);
    assert_eq!(
        (&tree["method"], &scan["method"], &auto["method"]),
        (&json!("k-d tree"), &json!("linear scan"), &json!("k-d tree"))
    );
    assert_eq!((&scan["visited"], &scan["of"], &scan["exact"]), (&json!(30), &json!(30), &json!(true)));
    assert!(tree["axes"].is_u64() && scan["axes"].is_null());
}

#[test]
fn an_audit_is_counted_remembered_and_forgotten_when_the_photos_change() {
    let world = indexed(30);
    let audit = |reply: &Value| reply["library"]["neighbors"]["audit"].clone();
    assert_eq!(audit(&world.json("doctor", &[]).remove(0)), Value::Null);
    let report = world.json("index", &["--audit", "25"]).remove(0);
    let found = &report["neighbors"]["audit"];
    assert_eq!((&found["asked"], &found["agreed"], &found["expected"]), (&json!(25), &json!(25), &json!(250)));
    assert_eq!((&found["recall"], &found["exact"]), (&json!(1.0), &json!(true)));
    assert_eq!(&audit(&world.json("doctor", &[]).remove(0)), found);
    assert_eq!(world.json("index", &["--audit", "2"])[0]["neighbors"]["audit"]["asked"], 2);
    assert_eq!(&audit(&world.json("doctor", &[]).remove(0)), found, "a shorter one does not make it unsaid");
    let query = world.run(&["query", world.photos().to_str().unwrap(), &photo(&world, 3)]);
    assert!(String::from_utf8_lossy(&query.stdout).contains("exact, audited 25/25"), "{query:?}");
    world.draw("label 0/new.png", 999);
    assert_eq!(world.index()["neighbors"]["audit"], Value::Null);
}

#[test]
fn what_was_measured_decides_until_the_photos_change() {
    let world = indexed(30);
    let library = open(&world);
    let viewer = library.viewer().unwrap();
    let model = viewer.reader().models().unwrap().remove(0);
    let key = format!("costs of {} {}", model.fingerprint, model.facts.backbone);
    let mut note: Value = serde_json::from_str(&viewer.reader().note(&key).unwrap().unwrap()).unwrap();
    for cost in note["costs"].as_array_mut().unwrap().iter_mut().filter(|cost| cost["method"] == "k-d tree") {
        let mean = if cost["axes"] == 8 { 50.0 } else { 60.0 };
        (cost["mean_ms"], cost["p95_ms"]) = (json!(mean), json!(mean + 10.0));
    }
    let chosen = |note: &Value| {
        library.store().set_note(&key, &note.to_string()).unwrap();
        let searcher = Searcher::open(&viewer, &ModelChoice::Current).unwrap();
        (searcher.method(), searcher.axes())
    };
    let mut slower = note.clone();
    let scan = slower["costs"].as_array_mut().unwrap().last_mut().unwrap();
    (scan["mean_ms"], scan["p95_ms"]) = (json!(90.0), json!(99.0));
    assert_eq!(chosen(&slower), (Method::KdTree, Some(8)), "the tree beats the scan, with the axes that were fastest");
    assert_eq!(chosen(&note), (Method::LinearScan, None), "the scan beats a tree that does not answer at once");
    note["photos"] = json!("others");
    assert_eq!(chosen(&note).0, Method::KdTree, "measured anew: thirty photos are searched at once");
    assert_eq!(chosen(&json!("no note of ours")).0, Method::KdTree);
}

#[test]
fn several_photos_are_one_question_and_none_of_them_is_an_answer() {
    let world = indexed(30);
    let asked = [photo(&world, 1), photo(&world, 2), photo(&world, 7)];
    let reply = world.json("query", &["-k", "40", "--plus", &asked[0], &asked[1], "--minus", &asked[2]]).remove(0);
    assert_eq!(names(&reply).len(), 27);
    assert!(!names(&reply).iter().any(|name| asked.iter().any(|asked| asked.ends_with(name))));
    assert_eq!((reply["plus"].as_array().unwrap().len(), reply["minus"].as_array().unwrap().len()), (2, 1));
    let alone = world.json("query", &[&asked[0], "-k", "40"]).remove(0);
    let plus = world.json("query", &["-k", "40", "--plus", &asked[0]]).remove(0);
    assert_eq!(alone["neighbors"], plus["neighbors"]);
    let nothing_left =
        world.run(&["query", world.photos().to_str().unwrap(), "--plus", &asked[0], "--minus", &asked[0]]);
    assert_eq!(nothing_left.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&nothing_left.stderr).contains("no direction"));
}

#[test]
fn filters_hold_inside_the_search_so_that_k_photos_are_found_where_k_exist() {
    let world = indexed(80);
    let ask = |rest: &[&str]| {
        let query = photo(&world, 4);
        let mut arguments = vec![query.as_str()];
        arguments.extend_from_slice(rest);
        world.json("query", &arguments).remove(0)
    };
    let of_label = ask(&["-k", "10", "--label", "label 2"]);
    assert_eq!((names(&of_label).len(), &of_label["among"]), (10, &json!(20)));
    assert!(names(&of_label).iter().all(|name| name.starts_with("label 2/")));
    let either = ask(&["-k", "99", "--label", "label 1", "--label", "label 0"]);
    assert_eq!(names(&either).len(), 39, "all of both but the query");
    let whole = world.photos().join("label 3");
    for folder in ["label 3", "./label 3/", whole.to_str().unwrap()] {
        assert_eq!(names(&ask(&["-k", "99", "--in", folder])).len(), 20);
    }
    let few = ask(&["-k", "9", "--name", "2/1", "--in", "label 2"]);
    assert_eq!(few["visited"], few["among"], "few photos are looked at one by one");
    assert!(!names(&few).is_empty() && names(&few).iter().all(|name| name.starts_with("label 2/1")));
    let unfiltered = ask(&["-k", "79"]);
    let nearest_of_label: Vec<&str> =
        names(&unfiltered).into_iter().filter(|name| name.starts_with("label 2/")).take(10).collect();
    assert_eq!(names(&of_label), nearest_of_label);
    let photos = world.photos();
    let folder = photos.to_str().unwrap();
    assert_eq!(world.run(&["query", folder, &photo(&world, 4), "--label", "none"]).status.code(), Some(1));
    assert_eq!(world.run(&["query", folder, &photo(&world, 4), "--from", "2021"]).status.code(), Some(1));
    assert_eq!(world.run(&["query", folder, &photo(&world, 4), "--in", "/"]).status.code(), Some(2));
}

#[test]
fn what_is_no_good_match_is_marked_by_the_librarys_own_distances() {
    let world = indexed(40);
    let ask = |share: &str| world.json("query", &[&photo(&world, 4), "-k", "39", "--cut-off", share]).remove(0);
    let (strict, half, all) = (ask("0"), ask("0.5"), ask("1"));
    let good = |reply: &Value| {
        let far = reply["cut_off"].as_f64().unwrap();
        let marks: Vec<bool> =
            reply["neighbors"].as_array().unwrap().iter().map(|n| n["good_match"].as_bool().unwrap()).collect();
        for neighbor in reply["neighbors"].as_array().unwrap() {
            assert_eq!(neighbor["good_match"], neighbor["distance"].as_f64().unwrap() <= far);
        }
        marks.iter().filter(|good| **good).count()
    };
    assert_eq!(good(&all), 39);
    assert!(good(&strict) <= 1 && (5..35).contains(&good(&half)), "{} {}", good(&strict), good(&half));
    let folder = world.photos();
    let output = world.run(&["query", folder.to_str().unwrap(), &photo(&world, 4), "-k", "39", "--cut-off", "0.5"]);
    let text = String::from_utf8(output.stdout).unwrap();
    let mark = text.lines().position(|line| line.contains("no good match beyond")).unwrap();
    assert_eq!(mark, 1 + good(&half));
}

#[cfg(not(feature = "approx"))]
#[test]
fn the_approximate_index_says_how_to_get_it() {
    let world = World::new();
    for options in [["--index", "approx"], ["--approx-above", "100"]] {
        let output = world.command(&["doctor"]).args(options).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(text.contains(options[0]) && text.contains("--features approx"), "{text}");
    }
}

/// Neighbours of a library that tell what happens to them.
struct Watched {
    neighbors: Neighbors,
    library: Arc<Library>,
    events: Mutex<Vec<Receiver<NeighborsEvent>>>,
}

impl Watched {
    fn new(library: Arc<Library>) -> Self {
        Self { neighbors: Neighbors::new(), library, events: Mutex::default() }
    }

    /// Renews and waits; returns what happened.
    fn renew(&self) -> Vec<&'static str> {
        let (sender, receiver) = mpsc::channel();
        let library = Arc::clone(&self.library);
        self.neighbors
            .renew(library, ModelChoice::Current, move |event| sender.send(event).unwrap_or_default())
            .unwrap();
        self.neighbors.wait();
        let mut happened = Vec::new();
        while let Ok(event) = receiver.recv_timeout(Duration::from_millis(10)) {
            happened.push(match event {
                NeighborsEvent::Changed => "changed",
                NeighborsEvent::Audited(record) => {
                    assert!(!record.is_broken());
                    "audited"
                }
                NeighborsEvent::Failed(_) => "failed",
            });
        }
        self.events.lock().unwrap().push(receiver);
        happened
    }

    fn known(&self) -> usize {
        self.neighbors.ask(|searcher| searcher.members().len()).unwrap_or(0)
    }

    fn nearest(&self, photo: &str) -> Option<Vec<PathBuf>> {
        self.neighbors.ask(|searcher| {
            let found = searcher.nearest_to_photo(id_of(photo), 100).unwrap()?;
            let path = |row| searcher.photo(row).unwrap().path().to_owned();
            Some(found.answer.neighbors.iter().map(|neighbor| path(neighbor.row)).collect())
        })?
    }
}

#[test]
fn photos_come_and_go_while_the_index_answers_and_enough_of_them_make_a_new_one() {
    let world = indexed(60);
    let watched = Watched::new(open(&world));
    assert_eq!(watched.neighbors.ask(|_| ()), None);
    assert_eq!(watched.renew(), ["changed", "changed", "audited"], "first a scan answers, then the index");
    assert_eq!(watched.renew(), [] as [&str; 0], "nothing has changed");
    let built = || watched.neighbors.ask(|searcher| Arc::as_ptr(searcher.members().built())).unwrap();
    let first = built();

    world.draw("label 0/new.png", 500);
    std::fs::remove_file(photo(&world, 8)).unwrap();
    index(&watched.library, &Cancel::default(), &mut |_| {}).unwrap();
    assert_eq!(watched.renew(), ["changed", "audited"], "other photos, another audit");
    assert_eq!((watched.known(), built() == first), (60, true), "one came, one went, nothing was built");
    let new = world.photos().join("label 0/new.png");
    let of_new = watched.nearest(new.to_str().unwrap()).unwrap();
    assert_eq!(of_new.len(), 59);
    assert!(!of_new.iter().any(|path| path.ends_with("08.png") || path.ends_with("new.png")));
    assert!(watched.nearest(&photo(&world, 9)).unwrap().contains(&PathBuf::from("label 0/new.png")));

    (0..8).for_each(|n| world.draw(&format!("label 1/more {n}.png"), 600 + n));
    index(&watched.library, &Cancel::default(), &mut |_| {}).unwrap();
    assert_eq!(watched.renew(), ["changed", "audited"]);
    assert_eq!((watched.known(), built() == first), (68, false));
}

#[test]
fn a_batch_is_found_as_soon_as_it_is_taken_in() {
    let world = indexed(60);
    let watched = Watched::new(open(&world));
    watched.renew();
    world.draw("label 2/fresh.png", 700);
    let fresh = world.photos().join("label 2/fresh.png");
    let viewer = watched.library.viewer().unwrap();
    index(&watched.library, &Cancel::default(), &mut |event| {
        if let tripletui::work::IndexEvent::Committed(batch) = event {
            watched.neighbors.take_in(&viewer, &batch).unwrap();
        }
    })
    .unwrap();
    assert_eq!((watched.known(), watched.nearest(fresh.to_str().unwrap()).unwrap().len()), (61, 60));
}

#[test]
fn questions_of_the_screen_can_be_several_photos_among_some() {
    let world = indexed(40);
    let library = open(&world);
    refresh_models(&library, &Cancel::default(), &mut |_, _| {}).unwrap();
    let searcher = refresh_neighbors(&library, &Cancel::default()).unwrap().unwrap();
    let example = |n| searcher.example_of_photo(id_of(&photo(&world, n))).unwrap();
    let (plus, minus) = ([example(1), example(5)], [example(2)]);
    let filter = tripletui::work::Filter { labels: vec!["label 1".into()], ..Default::default() };
    let among = searcher.select(&filter);
    let found = searcher.answer(&Question { plus: &plus, minus: &minus, k: 50, among: Some(&among) }).unwrap();
    assert_eq!((found.answer.neighbors.len(), among.len()), (8, 10));
    let distances: Vec<f32> = found.answer.neighbors.iter().map(|n| n.distance).collect();
    assert!(distances.is_sorted());
    let query = tripletui::neighbor::direction(&[plus[0].row(), plus[1].row()], &[minus[0].row()]).unwrap();
    let nearest = &found.answer.neighbors[0];
    let row = searcher.members().row(nearest.row);
    let squared: f32 = row.iter().zip(&query).map(|(a, b)| (a - b) * (a - b)).sum();
    assert!((squared.sqrt() - nearest.distance).abs() < 1e-5);
}

#[test]
fn a_question_that_cannot_be_meant_is_refused_with_the_reason() {
    let world = indexed(30);
    let folder = world.photos();
    let (folder, image) = (folder.to_str().unwrap(), photo(&world, 3));
    let day = ["--from", "2021-02-31"];
    for (rest, words) in [
        (&["--minus", "nothing.jpg"][..], "--minus"),
        (&["--in", "nowhere"], "there is no such folder"),
        (&["--in", "/"], "does not lie in"),
        (&["--from", "2022", "--to", "2021-05"], "is later than"),
        (&day, "is no date"),
        (&["--cut-off", "7"], "from 0 to 1"),
        (&["--cut-off", "nan"], "from 0 to 1"),
    ] {
        let output = world.run(&[&["query", folder, &image], rest].concat());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(2) && said.contains(words), "{rest:?}: {said}");
    }
    let minus = world.json("query", &["--plus", &image, "--minus", &photo(&world, 9)]).remove(0);
    assert!(minus["cut_off"].is_null() && minus["neighbors"][0]["good_match"] == true, "{minus}");
}
