//! Shared parts of the cross-crate suites.

pub mod mutations;
pub mod onnx;
pub mod operands;
pub mod plain;
pub mod random;
pub mod synthetic;

use std::sync::atomic::{AtomicUsize, Ordering};

/// Does something with each item, on all cores. A panic is passed on.
pub fn for_each<T: Sync>(items: &[T], work: impl Fn(&T) + Sync) {
    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
                    work(item);
                }
            });
        }
    });
}

/// The number in an environment variable, for a longer run, else another.
///
/// # Panics
/// If the variable is set and no number.
pub fn number(variable: &str, otherwise: usize) -> usize {
    match std::env::var(variable) {
        Ok(text) => text
            .parse()
            .unwrap_or_else(|_| panic!("{variable}: expected a number, got {text}")),
        Err(_) => otherwise,
    }
}
