//! Published networks through the program: indexed, searched, trained, kept apart, refused.

use std::fs;
use std::path::PathBuf;

use safetensors::Dtype;
use serde_json::{Value, json};
use tripletui::embedder::{BackboneSpec, Head, ModelFile, Processor};
use tripletui::store::{ModelFacts, ModelKind, StoreDirs};
use tripletui::work::{Cancel, Library, LibraryOptions, refresh_models};

use crate::drawn_weights::{drawn, file};
use crate::program::{World, picture};

/// Nine photos of three labels, and the weights of a network: what `--backbone` is to be given.
fn world(network: &str) -> (World, String) {
    let world = World::new();
    for (label, photo) in (0..3).flat_map(|label| (0..3).map(move |photo| (label, photo))) {
        world.draw(&format!("label {label}/{photo}.png"), label * 10 + photo);
    }
    let backbone = weights(&world, network);
    (world, backbone)
}

fn weights(world: &World, network: &str) -> String {
    let path = world.path(&format!("{network}.safetensors"));
    fs::write(&path, file(&drawn(network, Dtype::F16))).unwrap();
    format!("{network}:{}", path.display())
}

fn refusal(world: &World, arguments: &[&str]) -> String {
    let output = world.run(arguments);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

/// Ids of the networks that models of the library were made for.
fn networks(world: &World, backbone: &[&str]) -> Vec<String> {
    world.json("models", backbone).iter().map(|model| model["backbone"].as_str().unwrap().to_owned()).collect()
}

/// The neighbours that `photo` has by its raw features, with distances.
fn neighbours(world: &World, photo: &str, backbone: &[&str]) -> Value {
    let photo = world.photos().join(photo);
    let mut arguments = vec![photo.to_str().unwrap(), "-k", "8", "--model", "raw"];
    arguments.extend_from_slice(backbone);
    world.json("query", &arguments).remove(0)["neighbors"].clone()
}

#[test]
fn a_published_network_indexes_answers_and_trains_a_head() {
    let (world, backbone) = world("convnext-atto");
    let with = ["--backbone", backbone.as_str()];
    let photos = world.photos();
    let folder = photos.to_str().unwrap();
    let report = world.json("index", &with).remove(0);
    assert_eq!((&report["embedded"], &report["skipped"]), (&json!(9), &json!([])));
    assert_eq!(world.json("index", &with).remove(0)["embedded"], 0, "the second run has nothing to do");

    // The same pixels in another file, from outside the folder: embedded for the question, found at once.
    let outside = world.path("outside.bmp");
    picture(11).save(&outside).unwrap();
    let asked = [outside.to_str().unwrap(), "--model", "raw", with[0], with[1]];
    let nearest = world.json("query", &asked).remove(0)["neighbors"][0].clone();
    assert_eq!(nearest["path"], "label 1/1.png");
    assert!(nearest["distance"].as_f64().unwrap() < 1e-3, "{nearest}");

    let small = ["--labels-per-batch", "3", "--photos-per-label", "2", "--split", "none", "--steps", "5"];
    let mut arguments = [&small[..], &with].concat();
    let done = world.json("train", &arguments).pop().unwrap();
    assert_eq!((&done["model"], &done["depth"], &done["steps"]), (&json!("tuned 1"), &json!("head"), &json!(5)));
    let found = world.json("eval", &["--model", "tuned 1", with[0], with[1]]).remove(0);
    assert_eq!((&found["queries"], &found["model"]), (&json!(9), &json!("tuned 1")));
    for depth in ["tail", "full"] {
        arguments = [&["train", folder, "--depth", depth], &with[..]].concat();
        let said = refusal(&world, &arguments);
        assert!(said.contains("the network convnext-atto-") && said.contains("only a head on its features"), "{said}");
        assert!(said.contains("use --depth head"), "{said}");
    }
    let figures = world.run(&["bench", "forward", "--batch", "1", "--repeat", "1", "--json", with[0], with[1]]);
    let figures: Value = serde_json::from_slice(&figures.stdout).unwrap();
    assert!(figures["ms_per_photo"].as_f64().unwrap() > 0.0);
}

#[test]
fn networks_in_one_library_never_mix() {
    let (world, backbone) = world("convnext-atto");
    let with = ["--backbone", backbone.as_str()];
    let photos = world.photos();
    let folder = photos.to_str().unwrap();
    world.index();
    let before = neighbours(&world, "label 1/1.png", &[]);
    let report = world.json("index", &with).remove(0);
    assert_eq!(
        (&report["photos"], &report["embedded"]),
        (&json!(9), &json!(9)),
        "features of another network are no use"
    );
    let other = neighbours(&world, "label 1/1.png", &with);
    assert_eq!(neighbours(&world, "label 1/1.png", &[]), before);
    assert_ne!(other, before);
    assert_eq!(other.as_array().unwrap().len(), 8);
    for (backbone, numbers) in [(&[][..], 1280), (&with[..], 320)] {
        let table = world.path("features.csv");
        let export = ["export", folder, "--what", "features", "--format", "csv", "-o", table.to_str().unwrap()];
        assert!(world.run(&[&export, backbone].concat()).status.success());
        let text = fs::read_to_string(&table).unwrap();
        assert!(text.lines().all(|line| line.split(',').count() == numbers + 1) && text.lines().count() >= 9);
    }
    let [lite, convnext] = networks(&world, &[]).try_into().unwrap();
    assert!(lite.starts_with("lite0-") && convnext.starts_with("convnext-atto-"), "{lite} {convnext}");

    let small = ["--labels-per-batch", "3", "--photos-per-label", "2", "--split", "none", "--steps", "3"];
    let done = world.json("train", &[&small[..], &["--adopt", "always"], &with].concat()).pop().unwrap();
    assert_eq!((&done["model"], &done["in_use"]), (&json!("tuned 1"), &json!(true)));
    let image = photos.join("label 0/1.png");
    let answering =
        |with: &[&str]| world.json("query", &[&[image.to_str().unwrap()], with].concat()).remove(0)["model"].clone();
    assert_eq!((answering(&with), answering(&[])), (json!("tuned 1"), json!("base")));

    let said = refusal(&world, &["query", folder, image.to_str().unwrap(), "--model", "tuned 1"]);
    assert!(said.contains(&lite) && said.contains(&convnext), "{said}");
    let carried = world.path("carried.safetensors");
    let carried = carried.to_str().unwrap();
    assert!(world.run(&[&["models", folder, "export", "tuned 1", "-o", carried], &with[..]].concat()).status.success());
    let said = refusal(&world, &["models", folder, "import", carried, "--name", "another"]);
    assert!(said.contains(&lite) && said.contains(&convnext), "{said}");
}

#[test]
fn a_model_wanted_for_another_network_does_not_keep_the_photos_from_being_indexed() {
    let world = World::new();
    world.draw("one.png", 1);
    world.index();
    let options = LibraryOptions {
        dirs: StoreDirs { data: world.path("data"), cache: world.path("cache") },
        threads: 1,
        decode_budget: 100_000_000,
        backbone: BackboneSpec::default(),
        processor: Processor::Cpu,
        index: tripletui::work::IndexSettings::default(),
    };
    let library = Library::open(&world.photos(), &options).unwrap();
    let other = ModelFile::of_head("convnext-atto-0123456789ab".to_owned(), Head::raw(320));
    let facts = ModelFacts {
        name: "theirs".to_owned(),
        kind: ModelKind::Tuned,
        backbone: other.backbone.clone(),
        dim: 320,
        parent: None,
        config: json!({}),
        report: json!({}),
    };
    let wanted = library.store().insert_model(&facts, &other.to_bytes().unwrap(), 1).unwrap();
    library.store().want_model(Some(wanted)).unwrap();
    refresh_models(&library, &Cancel::default(), &mut |_, _| ()).unwrap();
    assert_eq!(library.store().wanted_model().unwrap(), Some(wanted), "it waits for its network");
}

#[test]
fn wrong_files_and_wrong_names_are_refused_with_what_to_do() {
    let (world, backbone) = world("convnext-atto");
    let photos = world.photos();
    let (_, path) = backbone.split_once(':').unwrap();
    let index = |backbone: &str| refusal(&world, &["index", photos.to_str().unwrap(), "--backbone", backbone]);
    let said = index(&format!("resnet18:{path}"));
    assert!(said.contains(path) && said.contains("do not fit resnet18: these are weights of convnext-atto"), "{said}");
    let said = index(&format!("lite2:{path}"));
    assert!(said.contains("do not fit lite2: `stem.weight` is missing"), "{said}");
    let said = index("dinov2:x");
    assert!(said.contains("`dinov2:x` is no backbone") && said.contains("dinov2-small:FILE, resnet18:FILE"), "{said}");
    let built_in = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("assets/efficientnet_lite0.f16.safetensors");
    let said = index(&format!("mobilenetv4-small:{}", built_in.display()));
    assert!(said.contains("`conv_stem.weight` is missing; the file has"), "{said}");
}
