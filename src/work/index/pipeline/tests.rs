//! Slow files, huge files, and stops, with files that are made up.

mod made_up;

use super::*;
use made_up::{Brightness, Gate, HUGE, Huge, Late, MadeUp, PATIENCE, Slow, Tardy, WELL_ON_ITS_WAY, png};
use std::collections::{HashMap, HashSet};
use std::io::Cursor;
use std::thread::ThreadId;

fn pipeline(files: MadeUp, threads: usize) -> (Pipeline, Arc<MadeUp>) {
    let files = Arc::new(files);
    let pipeline = Pipeline {
        files: files.clone(),
        backbone: Arc::new(Brightness),
        budget: Budget::new(50_000_000),
        threads,
        stalled: STALLED,
        is_stored: Arc::new(|_| false),
        cancel: Cancel::default(),
    };
    (pipeline, files)
}

/// Runs all files; `heard` is told how many are done after each. Returns their names in the order they were done.
fn run(pipeline: &Pipeline, locations: Vec<Location>, heard: impl Fn(usize)) -> Vec<String> {
    let mut done = Vec::new();
    let outcome = pipeline.run(locations, &mut |one| {
        if let Some((location, outcome)) = one {
            assert!(matches!(outcome, Outcome::Embedded(..)), "{outcome:?}");
            done.push(location.path.display().to_string());
            heard(done.len());
        }
        Ok(())
    });
    outcome.unwrap();
    done
}

/// Runs files that give nothing until a hundred photos after them are done, and those; the stalled ones come last.
fn run_behind(stalled: impl Fn(&mut MadeUp, &Arc<Gate>, usize) -> Location, count: usize, threads: usize) {
    let (mut files, gate) = (MadeUp::default(), Arc::new(Gate::default()));
    let mut locations: Vec<Location> = (0..count).map(|number| stalled(&mut files, &gate, number)).collect();
    locations.extend((0..100).map(|number| files.photo(number)));
    let (pipeline, _) = pipeline(files, threads);
    let done = run(&pipeline, locations, |count| {
        if count == 100 {
            gate.open();
        }
    });
    assert_eq!(done.len(), 100 + count);
    assert!(done[100..].iter().all(|name| name.starts_with("stalled")), "the stalled ones come last");
}

#[test]
fn files_that_stall_do_not_hold_up_the_rest_though_there_are_more_than_readers() {
    let slow = |files: &mut MadeUp, gate: &Arc<Gate>, number: usize| {
        let (bytes, gate) = (png(1_000 + number as u32), Arc::clone(gate));
        let size = bytes.len() as u64;
        files.add(&format!("stalled {number}"), size, move || Slow(Cursor::new(bytes.clone()), Arc::clone(&gate)))
    };
    run_behind(slow, READERS - 1, 2);
    run_behind(slow, 2 * READERS + 1, 2);
}

#[test]
fn large_files_that_stall_while_they_are_decoded_do_not_hold_up_the_rest_though_there_are_more_than_workers() {
    let late = |files: &mut MadeUp, gate: &Arc<Gate>, number: usize| {
        let file = Late::new(number as u8, gate);
        files.add(&format!("stalled {number}"), file.size(), move || file.clone())
    };
    run_behind(late, 3, 2);
    run_behind(late, 1, 1);
}

#[test]
fn a_huge_file_does_not_hold_up_the_rest_and_takes_the_memory_of_a_row() {
    let (mut files, gate) = (MadeUp::default(), Arc::new(Gate::default()));
    let huge = Huge::new(&gate);
    let mut locations = vec![files.add("huge", HUGE, move || huge.clone())];
    locations.extend((0..100).map(|number| files.photo(number)));
    let (pipeline, _) = pipeline(files, 2);
    let done = run(&pipeline, locations, |count| {
        if count == 100 {
            gate.open();
        }
    });
    assert_eq!((done.len(), done.last().unwrap().as_str()), (101, "huge"));
}

/// Waits until the threads of a pipeline have let go of its files.
fn threads_end(files: &Arc<MadeUp>, pipeline: Pipeline) {
    drop(pipeline);
    let begun = Instant::now();
    while Arc::strong_count(files) > 1 && begun.elapsed() < PATIENCE {
        thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(Arc::strong_count(files), 1, "the threads have ended");
}

#[test]
fn a_stop_ends_the_run_and_then_the_threads_in_the_middle_of_a_huge_file() {
    let (mut files, gate) = (MadeUp::default(), Arc::new(Gate::default()));
    gate.open();
    let middle = Arc::new(Gate::default());
    let mut huge = Huge::new(&gate);
    huge.middle = Some(Arc::clone(&middle));
    let (read, was_read) = (Arc::clone(&huge.read), Arc::clone(&huge.was_read));
    let mut locations = vec![files.add("huge", HUGE, move || huge.clone())];
    locations.extend((0..5_000).map(|number| files.photo(number)));
    let (mut pipeline, files) = pipeline(files, 2);
    // A thread that has lost the processor is not replaced: those that open files are known.
    pipeline.stalled = 2 * PATIENCE;
    let cancel = pipeline.cancel.clone();
    let mut collected = 0;
    let outcome = pipeline.run(locations, &mut |one| {
        collected += usize::from(one.is_some());
        if was_read.load(Ordering::SeqCst) && read.load(Ordering::SeqCst) > WELL_ON_ITS_WAY {
            cancel.cancel();
            middle.open();
        }
        Ok(())
    });
    outcome.unwrap();
    threads_end(&files, pipeline);
    let read = read.load(Ordering::SeqCst);
    assert!(read > HUGE && read < 2 * HUGE, "{read} of {} bytes", 2 * HUGE);
    let (opened, ahead) = (files.opened.load(Ordering::SeqCst), 16 * 2 + 4 * 2 + READERS + 2);
    assert!(opened <= collected + ahead, "{opened} files were opened, {collected} of them collected");
}

#[test]
fn a_stop_does_not_wait_for_a_file_that_gives_nothing() {
    let (mut files, gate) = (MadeUp::default(), Arc::new(Gate::default()));
    let at_gate = Arc::clone(&gate);
    let locations =
        vec![files.add("slow", 100, move || Slow(Cursor::new(png(1)), Arc::clone(&at_gate))), files.photo(2)];
    let (pipeline, files) = pipeline(files, 1);
    let cancel = pipeline.cancel.clone();
    let outcome = pipeline.run(locations, &mut |one| {
        if one.is_some() {
            cancel.cancel();
        }
        Ok(())
    });
    outcome.unwrap();
    assert!(Arc::strong_count(&files) > 2, "the thread that reads is still at the gate");
    gate.open();
    threads_end(&files, pipeline);
}

#[test]
fn an_error_while_collecting_stops_the_run_and_is_returned() {
    let mut files = MadeUp::default();
    let locations = (0..1_000).map(|number| files.photo(number)).collect();
    let (pipeline, files) = pipeline(files, 2);
    let outcome = pipeline.run(locations, &mut |one| if one.is_some() { Err(WorkError::Stopped) } else { Ok(()) });
    assert!(matches!(outcome, Err(WorkError::Stopped)));
    threads_end(&files, pipeline);
    assert!(files.opened.load(Ordering::SeqCst) < 500);
}

/// Files of which forty come after 30 ms each, then forty at once, and so on.
fn now_and_then_late(files: &mut MadeUp, count: usize, readers: &Arc<Mutex<HashSet<ThreadId>>>) -> Vec<Location> {
    let file = |number: usize| {
        let (readers, words) = (Arc::clone(readers), number.to_le_bytes().to_vec());
        files.add(&number.to_string(), 8, move || {
            readers.lock().unwrap().insert(thread::current().id());
            Tardy(Cursor::new(words.clone()), (number / 40).is_multiple_of(2))
        })
    };
    (0..count).map(file).collect()
}

#[test]
fn threads_that_have_ended_are_let_go_however_many_files_stall_in_turn() {
    const PLACES: usize = READERS + SPARE_READERS + 1 + SPARE_WORKERS;
    let (mut files, readers) = (MadeUp::default(), Arc::default());
    let locations = now_and_then_late(&mut files, 40_000, &readers);
    let (mut pipeline, files) = pipeline(files, 1);
    pipeline.stalled = Duration::from_millis(5);
    let (to_collector, results) = sync_channel(locations.len());
    let mut threads = pipeline.threads(locations.into(), to_collector);
    let (begun, mut most) = (Instant::now(), 0);
    while readers.lock().unwrap().len() < 8 * PLACES {
        assert!(begun.elapsed() < PATIENCE, "{} have read", readers.lock().unwrap().len());
        threads.fill_up().unwrap();
        most = most.max(threads.all.len());
        _ = results.recv_timeout(Duration::from_millis(1));
    }
    pipeline.cancel.cancel();
    threads.join();
    threads_end(&files, pipeline);
    // Some are about to end and have given up their places.
    assert!((READERS..3 * PLACES).contains(&most), "{most} threads were held");
}

#[test]
fn a_thread_that_is_refused_matters_only_where_nobody_else_is_there() {
    let refused = || Err(io::ErrorKind::WouldBlock.into());
    let crew = Crew::new(2, 1, STALLED);
    let one = crew.member();
    assert!(matches!(needed(refused(), &crew), Ok(None)));
    drop(one);
    assert!(matches!(needed(refused(), &crew), Err(WorkError::Threads(_))));
}

#[test]
fn what_cannot_be_opened_or_is_no_picture_is_told_with_its_reason() {
    let mut files = MadeUp::default();
    let text = files.add("text", 5, || Cursor::new(b"words".to_vec()));
    let missing = Location { path: "missing".into(), size: 9, modified_ns: 0 };
    let (pipeline, _) = pipeline(files, 1);
    let mut reasons = HashMap::new();
    let outcome = pipeline.run(vec![text, missing], &mut |one| {
        if let Some((location, Outcome::Failed(id, why))) = one {
            reasons.insert(location.path.display().to_string(), (id, why));
        }
        Ok(())
    });
    outcome.unwrap();
    assert_eq!(reasons["text"].0, Some(PhotoId::of_content(b"words")));
    assert!(reasons["text"].1.starts_with("not a picture"));
    assert!(reasons["missing"].0.is_none() && reasons["missing"].1.starts_with("cannot be read"));
}
