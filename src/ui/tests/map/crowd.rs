//! More photos than cells.

use super::*;

/// Many photos around forty places, each with its own label.
fn crowd(count: usize) -> (Vec<Arc<PhotoRow>>, MapLayout) {
    let photos: Vec<_> = (0..count).map(|n| row(&format!("{n}.jpg"), &format!("label {}", n % 40))).collect();
    let near = |n: usize, factor: usize| ((n * factor) % 1009) as f32 / 1009.0 + ((n * 31) % 97) as f32 / 97.0;
    let place = |n: usize| [(n % 40 % 8) as f32 * 3.0 + near(n, 7919), (n % 40 / 8) as f32 * 3.0 + near(n, 104_729)];
    let ids: Vec<PhotoId> = photos.iter().map(|row| row.id).collect();
    let map = MapLayout {
        photos: ids.into_iter().collect(),
        places: (0..count).map(place).collect(),
        stage: MapStage::Arranged,
        model: "base".into(),
    };
    (photos, map)
}

#[test]
fn where_many_photos_lie_shades_say_how_many() {
    let (photos, map) = crowd(20_000);
    let frame = on(80, 24, photos, map).frame();
    assert!(['▒', '▓', '█'].iter().all(|shade| frame.contains(*shade)), "{frame}");
}

#[test]
#[ignore = "a measurement: how long a frame and a key take with 100,000 dots"]
fn measured_a_hundred_thousand_dots() {
    let (photos, map) = crowd(100_000);
    let mut screen = on(200, 60, photos, map);
    for keys in ["l", "j", "+", "L", "tab", "esc", "=", "n"] {
        let started = std::time::Instant::now();
        screen.keys(keys);
        let key = started.elapsed();
        let started = std::time::Instant::now();
        screen.frame();
        println!(
            "{keys}: key {:.2} ms, frame {:.2} ms",
            key.as_secs_f64() * 1e3,
            started.elapsed().as_secs_f64() * 1e3
        );
    }
}
