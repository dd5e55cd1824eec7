//! What only real photos can show. Ignored unless asked for: the folder is named by `TRIPLETUI_PHOTOS`.

use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;
use tripletui::embedding::EmbeddingMatrix;
use tripletui::eval::evaluate_by_scan;
use tripletui::library::PhotoId;
use tripletui::neighbor::Gallery;

use crate::program::{World, contents};

pub(crate) fn photos(name: &str) -> PathBuf {
    Path::new(&env::var_os("TRIPLETUI_PHOTOS").expect("TRIPLETUI_PHOTOS names the folder of real photos")).join(name)
}

#[test]
#[ignore = "needs the folder of real photos: TRIPLETUI_PHOTOS"]
fn each_of_eight_orientations_has_the_other_seven_as_its_nearest() {
    let (world, folder) = (World::new(), photos("orientation"));
    world.json_of("index", &folder, &[]);
    for kind in ["landscape", "portrait"] {
        for orientation in 1..=8 {
            let name = format!("{kind}_{orientation}.jpg");
            let reply = world.json_of("query", &folder, &[folder.join(&name).to_str().unwrap(), "-k", "7"]).remove(0);
            let neighbors = reply["neighbors"].as_array().unwrap();
            let same = neighbors.iter().filter(|n| n["path"].as_str().unwrap().starts_with(kind)).count();
            assert_eq!((neighbors.len(), same), (7, 7), "{name}: {reply}");
        }
    }
}

/// Recall@1 and MAP@R of a model over an indexed folder whose labels are its folders.
fn retrieval(world: &World, folder: &Path, model: &str) -> (f64, f64) {
    let out = world.path("rows.jsonl");
    let arguments = ["--what", "embeddings", "--format", "jsonl", "--model", model, "-o", out.to_str().unwrap()];
    let output = world.command(&["export", folder.to_str().unwrap()]).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let (mut rows, mut ids, mut labels) = (None::<EmbeddingMatrix>, Vec::new(), Vec::new());
    let mut numbers: BTreeMap<String, u32> = BTreeMap::new();
    for line in std::fs::read_to_string(out).unwrap().lines() {
        let photo: Value = serde_json::from_str(line).unwrap();
        let row: Vec<f32> = photo["row"].as_array().unwrap().iter().map(|v| v.as_f64().unwrap() as f32).collect();
        rows.get_or_insert_with(|| EmbeddingMatrix::new(row.len())).push(&row).unwrap();
        let path = photo["path"].as_str().unwrap();
        ids.push(PhotoId::of_content(path.as_bytes()));
        let label = Path::new(path).parent().unwrap().to_str().unwrap().to_owned();
        let next = numbers.len() as u32;
        labels.push(Some(*numbers.entry(label).or_insert(next)));
    }
    let gallery = Arc::new(Gallery::new(ids, rows.unwrap()).unwrap());
    let report = serde_json::to_value(evaluate_by_scan(&gallery, &labels).unwrap().report(0)).unwrap();
    (report["recall_at_1"].as_f64().unwrap(), report["map_at_r"].as_f64().unwrap())
}

#[test]
#[ignore = "needs the folder of real photos: TRIPLETUI_PHOTOS"]
fn half_whitened_axes_find_groceries_at_least_as_well_as_raw_features() {
    let (world, folder) = (World::new(), photos("groceries/test"));
    let report = world.json_of("index", &folder, &[]).remove(0);
    assert_eq!(report["photos"], 648);
    let (raw, base) = (retrieval(&world, &folder, "raw"), retrieval(&world, &folder, "base"));
    println!("groceries/test, Recall@1 / MAP@R: raw {:.3} / {:.3}, base {:.3} / {:.3}", raw.0, raw.1, base.0, base.1);
    assert!(raw.0 > 0.7 && base.0 > raw.0 - 0.02, "raw {raw:?}, base {base:?}");
    assert!(base.1 > raw.1 - 0.02, "raw {raw:?}, base {base:?}");
}

#[test]
#[ignore = "needs the folder of real photos: TRIPLETUI_PHOTOS"]
fn strange_and_broken_files_are_all_accounted_for_and_none_is_touched() {
    for name in ["odd", "camera"] {
        let (world, folder) = (World::new(), photos(name));
        let before = contents(&folder);
        let report = world.json_of("index", &folder, &[]).remove(0);
        let count = |field: &str| report[field].as_u64().unwrap();
        let skipped = report["skipped"].as_array().unwrap();
        let files = before.iter().filter(|(path, _)| path.is_file()).count() as u64;
        assert_eq!(count("photos") + count("copies") + skipped.len() as u64 + count("ignored"), files, "{name}");
        assert!(skipped.iter().all(|file| !file["reason"].as_str().unwrap().is_empty()));
        assert!(count("peak_rss_mb") < 600, "{report}");
        assert!(contents(&folder) == before, "{name} was changed");
    }
}
