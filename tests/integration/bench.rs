//! `tripletui bench`: every part can be measured and says so in the fields other programs print.

use serde_json::Value;

use crate::program::World;

/// The lines of a measurement as JSON.
fn measured(world: &World, rest: &[&str]) -> Vec<Value> {
    let output = world.run(&[&["bench"], rest, &["--json"]].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn is_positive(figures: &Value, field: &str) -> bool {
    figures[field].as_f64().unwrap() > 0.0
}

#[test]
fn the_network_is_measured_whole_and_kernel_by_kernel() {
    let world = World::new();
    let forward = measured(&world, &["forward", "--batch", "1", "--repeat", "2"]).remove(0);
    assert!(is_positive(&forward, "ms_per_photo") && forward["batch"] == 1, "{forward}");
    let kernels = measured(&world, &["kernels", "--repeat", "1"]);
    assert!(kernels[0]["kernel"].as_str().unwrap().starts_with("matrix product"));
    assert_eq!(kernels[0]["share_of_peak"], 1.0);
    assert_eq!(kernels[0]["simd"], "its own choice", "the matrix product does not follow what is asked of the kernels");
    assert_ne!(kernels[1]["simd"], kernels[0]["simd"]);
    // One product, the stem and 15 expansions, 16 depthwise, 16 projections, the last one, two gradients.
    assert_eq!(kernels.len(), 1 + 16 + 16 + 16 + 1 + 2);
    assert!(kernels.iter().all(|kernel| is_positive(kernel, "ms") && is_positive(kernel, "share_of_peak")));
}

#[test]
fn a_training_step_is_measured_at_both_depths() {
    let lines = measured(&World::new(), &["train-step", "--repeat", "2", "--threads", "2"]);
    let depths: Vec<&str> = lines.iter().map(|line| line["depth"].as_str().unwrap()).collect();
    assert_eq!(depths, ["head", "tail"]);
    assert!(lines.iter().all(|line| line["batch"] == 64 && line["threads"] == 2 && is_positive(line, "ms_per_step")));
}

#[test]
fn decoding_and_the_whole_pipeline_are_measured_on_a_folder_and_leave_nothing_behind() {
    let world = World::new();
    for seed in 0..5 {
        world.draw(&format!("{seed}.jpg"), seed);
    }
    std::fs::write(world.photos().join("broken.jpg"), b"\xff\xd8\xff\xe0 not really").unwrap();
    let photos = world.photos();
    for part in ["decode", "pipeline"] {
        let figures = measured(&world, &[part, "--folder", photos.to_str().unwrap()]).remove(0);
        assert_eq!((&figures["photos"], &figures["failed"]), (&Value::from(5), &Value::from(1)), "{part}: {figures}");
        assert!(is_positive(&figures, "photos_per_second") && is_positive(&figures, "ms_per_photo"), "{figures}");
    }
    assert!(!world.path("data").join("libraries").exists(), "the store of the measurement was a temporary one");
    assert_eq!(world.run(&["bench", "decode"]).status.code(), Some(2), "a folder is needed");
}
