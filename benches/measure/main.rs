//! What the parts cost: `cargo bench --bench measure [-- WORD]` measures those whose name holds the word.
//!
//! `forward` (one photo on one thread, eight on two), `stock candle` (the same network in the tensor library's own
//! convolutions), `kernel` (one by one; a throughput of Gelem/s is GFLOP/s, and the share of a large matrix product is
//! printed first), `decode` (ways to read a JPEG of 6.9 megapixels), `pipeline` (indexing a folder of drawn pictures from
//! nothing), `train step` (head and tail). Whole commands to be paired with other programs are `tripletui bench`.

mod decode;
mod stock;

use std::hint::black_box;
use std::panic::resume_unwind;
use std::time::Duration;

use criterion::{Bencher, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use image::{Rgb, RgbImage};
use tripletui::embedder::measure::{Trial, matrix_product, trials};
use tripletui::embedder::{Backbone, BackboneSpec, EmbedderError, Lite, Processor, Scratch, builtin};
use tripletui::store::StoreDirs;
use tripletui::train::Depth;
use tripletui::work::{IndexSettings, LibraryOptions, bench, write_demo};

/// The error that ends a bench.
type Failure = Box<dyn std::error::Error>;
/// One part of what is measured.
type Part = fn(&mut Criterion) -> Result<(), Failure>;
/// Times some training steps: network, threads, steps.
type TimeSteps = fn(&BackboneSpec, usize, u64) -> Result<bench::StepFigures, bench::BenchError>;

fn network() -> Result<(Lite, Vec<f32>), Failure> {
    let network = builtin()?;
    let image = network.preprocess(&RgbImage::from_fn(256, 256, |x, y| Rgb([x as u8, y as u8, (x ^ y) as u8])));
    Ok((network, image))
}

/// One pass over `batch` photos, shared out to `scratches`, a thread each.
fn pass(network: &Lite, image: &[f32], batch: usize, scratches: &mut [Scratch]) -> Result<(), EmbedderError> {
    let each = batch.div_ceil(scratches.len());
    let one = |scratch: &mut Scratch| {
        (0..each).try_for_each(|_| network.features(image, scratch).map(|features| drop(black_box(features))))
    };
    match scratches {
        [only] => one(only),
        many => std::thread::scope(|scope| {
            let workers: Vec<_> = many.iter_mut().map(|scratch| scope.spawn(|| one(scratch))).collect();
            workers.into_iter().try_for_each(|worker| worker.join().unwrap_or_else(|panic| resume_unwind(panic)))
        }),
    }
}

/// Times `work`. An error is kept: a figure of something that failed stands for nothing.
fn time<E: Into<Failure>>(
    bencher: &mut Bencher<'_>,
    ended: &mut Result<(), Failure>,
    mut work: impl FnMut() -> Result<(), E>,
) {
    bencher.iter(|| {
        if let Err(error) = work() {
            *ended = Err(error.into());
        }
    });
}

fn forward(criterion: &mut Criterion) -> Result<(), Failure> {
    let (network, image) = network()?;
    let (mut group, mut ended) = (criterion.benchmark_group("forward"), Ok(()));
    for (batch, threads) in [(1, 1), (8, 2)] {
        let mut scratches: Vec<Scratch> = (0..threads).map(|_| Scratch::default()).collect();
        group.throughput(Throughput::Elements(batch as u64));
        group.bench_function(BenchmarkId::new(format!("{threads} threads"), format!("batch {batch}")), |b| {
            time(b, &mut ended, || pass(&network, &image, batch, &mut scratches));
        });
    }
    group.finish();
    ended
}

fn stock_candle(criterion: &mut Criterion) -> Result<(), Failure> {
    let (network, image) = network()?;
    let stock = stock::Lite0::load()?;
    let (ours, theirs) = (network.features(&image, &mut Scratch::default())?, stock.features(&image)?);
    let apart = ours.iter().zip(&theirs).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    if apart > 1e-2 {
        return Err(format!("the two networks differ by {apart}").into());
    }
    let mut group = criterion.benchmark_group("stock candle");
    group.sample_size(10).warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(10));
    group.throughput(Throughput::Elements(1));
    let mut ended = Ok(());
    group.bench_function("batch 1", |b| time(b, &mut ended, || stock.features(&image).map(drop)));
    group.finish();
    ended
}

fn kernels(criterion: &mut Criterion) -> Result<(), Failure> {
    let (network, _) = network()?;
    let mut group = criterion.benchmark_group("kernel");
    group.sample_size(10).warm_up_time(Duration::from_millis(50)).measurement_time(Duration::from_millis(200));
    let mut measure = |mut trial: Trial<'_>| {
        group.throughput(Throughput::Elements(trial.flop()));
        group.bench_function(trial.name().to_owned(), |b| b.iter(|| trial.run()));
    };
    measure(matrix_product());
    trials(&network)?.into_iter().for_each(measure);
    group.finish();
    Ok(())
}

fn pipeline(criterion: &mut Criterion) -> Result<(), Failure> {
    let place = tempfile::tempdir()?;
    let folder = write_demo(place.path())?;
    let nowhere = StoreDirs { data: place.path().join("data"), cache: place.path().join("cache") };
    let threads = std::thread::available_parallelism()?.get();
    let options = LibraryOptions {
        dirs: nowhere,
        threads,
        decode_budget: 400_000_000,
        backbone: BackboneSpec::default(),
        processor: Processor::Cpu,
        index: IndexSettings::default(),
    };
    let photos = bench::pipeline(&folder, &options)?.photos;
    let (mut group, mut ended) = (criterion.benchmark_group("pipeline"), Ok(()));
    group.sample_size(10).warm_up_time(Duration::from_millis(100)).measurement_time(Duration::from_secs(8));
    group.throughput(Throughput::Elements(photos as u64));
    group.bench_function(format!("{photos} drawn pictures, {threads} threads"), |b| {
        time(b, &mut ended, || bench::pipeline(&folder, &options).map(drop));
    });
    group.finish();
    ended
}

fn train_step(criterion: &mut Criterion) -> Result<(), Failure> {
    let threads = std::thread::available_parallelism()?.get();
    let (mut group, mut ended) = (criterion.benchmark_group("train step"), Ok(()));
    group.sample_size(10).warm_up_time(Duration::from_millis(100)).measurement_time(Duration::from_secs(5));
    let parts: [(Depth, TimeSteps); 2] = [(Depth::Head, bench::head_steps), (Depth::Tail, bench::tail_steps)];
    for (depth, steps_of) in parts {
        group.bench_function(format!("{depth}, batch 64, {threads} threads"), |b| {
            b.iter_custom(|steps| match steps_of(&BackboneSpec::default(), threads, steps) {
                Ok(figures) => Duration::from_secs_f64(figures.ms_per_step / 1e3 * steps as f64),
                Err(error) => {
                    ended = Err(error.into());
                    Duration::from_secs(1)
                }
            });
        });
    }
    group.finish();
    ended
}

/// All of them. What cannot be measured says why and does not end the rest.
fn all(criterion: &mut Criterion) {
    let parts: [(&str, Part); 6] = [
        ("forward", forward),
        ("kernel", kernels),
        ("decode", decode::decode_ways),
        ("pipeline", pipeline),
        ("train step", train_step),
        ("stock candle", stock_candle),
    ];
    for (name, part) in parts {
        if let Err(error) = part(criterion) {
            tell(&format!("{name}: {error}"));
        }
    }
}

#[expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
fn tell(text: &str) {
    println!("{text}");
}

criterion_group!(benches, all);
criterion_main!(benches);
