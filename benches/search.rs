//! Times every index on an `.npy` of unit rows, one query at a time, one thread: `cargo bench --bench search -- FILE.npy`.
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::error::Error;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use tripletui::embedding::{EmbeddingMatrix, PrincipalAxes, products};
use tripletui::library::PhotoId;
use tripletui::neighbor::{Choice, Gallery, KdTreeIndex, LinearScan, NeighborIndex, choose};

const QUERIES: usize = 500;
const K: usize = 10;

/// A little-endian f32 array `[n, d]` in C order, as numpy saves it.
fn read(path: &str) -> Result<EmbeddingMatrix, Box<dyn Error>> {
    let bytes = std::fs::read(path)?;
    let header_len = usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    let header = String::from_utf8_lossy(&bytes[10..10 + header_len]).into_owned();
    let shape = header.split("'shape': (").nth(1).and_then(|s| s.split(')').next()).ok_or("no shape")?;
    let dim: usize = shape.split(',').nth(1).ok_or("not two dimensions")?.trim().parse()?;
    let values: Vec<f32> =
        bytes[10 + header_len..].chunks_exact(4).map(|w| f32::from_le_bytes([w[0], w[1], w[2], w[3]])).collect();
    let mut matrix = EmbeddingMatrix::with_capacity(dim, values.len() / dim);
    values.chunks_exact(dim).try_for_each(|row| matrix.push(row))?;
    Ok(matrix)
}

fn time(name: &str, index: &dyn NeighborIndex, build: f64, gallery: &Gallery) -> Result<(), Box<dyn Error>> {
    let mut times = Vec::new();
    let mut visited = 0;
    for i in 0..QUERIES {
        let row = gallery.row(i * 7919 % gallery.len());
        let start = Instant::now();
        let answer = black_box(index.nearest(black_box(row), K, &|_| true)?);
        times.push(start.elapsed().as_secs_f64() * 1e3);
        visited += answer.visited;
    }
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[(share * (times.len() - 1) as f64) as usize];
    println!(
        "{{\"method\": \"{name}\", \"n\": {}, \"d\": {}, \"build_s\": {build:.3}, \"p10_ms\": {:.4}, \"p50_ms\": {:.4}, \"p95_ms\": {:.4}, \"p99_ms\": {:.4}, \"visited\": {:.5}, \"index_bytes_per_photo\": {:.0}}}",
        gallery.len(),
        gallery.dim(),
        at(0.1),
        at(0.5),
        at(0.95),
        at(0.99),
        visited as f64 / (QUERIES * gallery.len()) as f64,
        index.memory_bytes() as f64 / gallery.len() as f64,
    );
    Ok(())
}

/// The alternative the cells replaced: single rows in the `kdtree` crate, ten leading axes, the same stop at the bound.
fn time_points(gallery: &Gallery) -> Result<(), Box<dyn Error>> {
    const AXES: usize = 10;
    let start = Instant::now();
    let mut rows = |visit: &mut dyn FnMut(&[f32])| gallery.embeddings().rows().step_by(10).for_each(&mut *visit);
    let axes = PrincipalAxes::of(&mut rows, AXES)?;
    let mut points = vec![0.0; gallery.len() * AXES];
    products(gallery.embeddings().as_slice(), axes.axes(), gallery.dim(), &mut points);
    let mut tree = kdtree::KdTree::with_capacity(AXES, 32);
    for (row, point) in points.chunks_exact(AXES).enumerate() {
        let point: [f32; AXES] = point.try_into()?;
        tree.add(point, row)?;
    }
    let build = start.elapsed().as_secs_f64();
    let squared = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(x, y)| (x - y) * (x - y)).sum::<f32>();
    let (mut times, mut visited) = (Vec::new(), 0usize);
    for i in 0..QUERIES {
        let asked = i * 7919 % gallery.len();
        let start = Instant::now();
        let mut best: Vec<f32> = Vec::new();
        for (bound, &row) in tree.iter_nearest(&points[asked * AXES..(asked + 1) * AXES], &squared)? {
            if best.len() == K && bound > best[K - 1] * 1.0001 + 1e-6 {
                break;
            }
            visited += 1;
            let distance = squared(gallery.row(asked), gallery.row(row));
            best.insert(best.partition_point(|other| *other <= distance), distance);
            best.truncate(K);
        }
        black_box(best);
        times.push(start.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    println!(
        "{{\"method\": \"single rows in the kdtree crate, r=10\", \"n\": {}, \"build_s\": {build:.3}, \"p10_ms\": {:.4}, \"p50_ms\": {:.4}, \"visited\": {:.5}}}",
        gallery.len(),
        times[QUERIES / 10],
        times[QUERIES / 2],
        visited as f64 / (QUERIES * gallery.len()) as f64
    );
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let Some(path) = std::env::args().skip(1).find(|argument| !argument.starts_with("--")) else {
        println!("usage: cargo bench --bench search -- FILE.npy");
        return Ok(());
    };
    let embeddings = read(&path)?;
    let photos = (0..embeddings.len()).map(|i| PhotoId::of_content(&i.to_le_bytes())).collect();
    let gallery = Arc::new(Gallery::new(photos, embeddings)?);
    time("linear scan", &LinearScan::new(Arc::clone(&gallery)), 0.0, &gallery)?;
    time_points(&gallery)?;
    let start = Instant::now();
    let mut tree = KdTreeIndex::build(Arc::clone(&gallery))?;
    let build = start.elapsed().as_secs_f64();
    for axes in [4, 8, 12, 16, 24, 32] {
        tree.set_axes(axes)?;
        time(&format!("k-d tree r={axes}"), &tree, build, &gallery)?;
    }
    let (start, begin) = (Instant::now(), Instant::now());
    let chosen = choose(&gallery, Choice::Auto, 1, &|| begin.elapsed())?;
    println!("{{\"chosen\": \"{}\", \"seconds\": {:.2}}}", chosen.index.method(), start.elapsed().as_secs_f64());
    Ok(())
}
