//! `tripletui config`, and mistakes in the configuration file.

use std::process::Output;

use crate::program::World;

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn with_config(world: &World, config: &str, arguments: &[&str]) -> Output {
    let path = world.path("config.toml");
    std::fs::write(&path, config).unwrap();
    world.run(&[arguments, &["--config", path.to_str().unwrap()]].concat())
}

#[test]
fn the_printed_default_is_a_file_without_a_mistake_that_changes_nothing() {
    let world = World::new();
    let printed = world.run(&["config", "--print-default"]);
    assert!(printed.status.success());
    let default = text(&printed.stdout);
    for part in
        ["images = \"auto\"", "theme = \"auto\"", "mouse = true", "[keys.everywhere]", "[keys.grid]", "page-down = ["]
    {
        assert!(default.contains(part), "{part}\n{default}");
    }
    let checked = with_config(&world, &default, &["config"]);
    assert!(checked.status.success() && text(&checked.stdout).ends_with("config.toml: no mistake\n"), "{checked:?}");
    let path = world.run(&["config", "--path", "--config", "some/where.toml"]);
    assert_eq!(text(&path.stdout), "some/where.toml\n");
}

#[test]
fn a_mistake_is_told_at_each_start_with_its_place_and_the_nearest_name() {
    let world = World::new();
    for (config, place, sentence) in [
        ("threads = 2\ntreads = 3\n", "line 2, column 1", "did you mean `threads`?"),
        ("theme = \"drak\"\n", "line 1, column 9", "did you mean `dark`?"),
        ("[keys.grid]\npge-down = [\"x\"]\n", "line 2, column 1", "`pge-down` is no action; did you mean `page-down`?"),
        ("[keys.gird]\nmark = [\"x\"]\n", "line 1, column 7", "`gird` is no place; did you mean `grid`?"),
        ("[keys.grid]\nmark = [\"x\", \"ctrl-shift-foo\"]\n", "line 2, column 14", "names no key"),
        ("[keys.grid]\nmark = [\"z\"]\n", "line 2, column 1", "would mean both"),
        ("[keys.grid]\nmark = [\"g\"]\n", "line 2, column 1", "would hide `g g` (`first`)"),
        ("[keys.everywhere]\nquit = []\n", "line 2, column 1", "must keep a key"),
        ("threads = \n", "line 1, column", ""),
    ] {
        for arguments in [&["config"][..], &["doctor"]] {
            let output = with_config(&world, config, arguments);
            let told = text(&output.stderr);
            assert_eq!(output.status.code(), Some(2), "{config}{told}");
            assert!(
                told.contains("config.toml, ") && told.contains(place) && told.contains(sentence),
                "{config}{told}"
            );
            assert_eq!(told.lines().count(), 1, "{told}");
        }
    }
}
