//! A spinner for what takes longer than a second.

use std::{
    io::{IsTerminal, stderr},
    sync::mpsc::{RecvTimeoutError, Sender, channel},
    thread::{JoinHandle, spawn},
    time::Duration,
};

use indicatif::{ProgressBar, ProgressStyle};

/// Time after which a person begins to wonder.
const PATIENCE: Duration = Duration::from_secs(1);

/// Time between two turns of the spinner.
const TURN: Duration = Duration::from_millis(100);

/// Something under way. Shown on standard error, if that is a terminal, until it is dropped.
#[derive(Debug)]
pub(crate) struct Working(Option<(Sender<()>, JoinHandle<()>)>);

impl Working {
    /// Shows nothing.
    pub(crate) const fn silent() -> Self {
        Self(None)
    }

    /// Shows `what` after a second.
    pub(crate) fn start(what: String) -> Self {
        if !stderr().is_terminal() {
            return Self::silent();
        }
        let (stop, stopped) = channel();
        let thread = spawn(move || {
            if stopped.recv_timeout(PATIENCE) != Err(RecvTimeoutError::Timeout) {
                return;
            }
            let bar = ProgressBar::new_spinner().with_elapsed(PATIENCE);
            if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {elapsed}") {
                bar.set_style(style);
            }
            bar.set_message(what);
            bar.enable_steady_tick(TURN);
            // Either way the work is over.
            let _ = stopped.recv();
            bar.finish_and_clear();
        });
        Self(Some((stop, thread)))
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        if let Some((stop, thread)) = self.0.take() {
            drop(stop);
            // The spinner must be gone before anything else is printed.
            let _ = thread.join();
        }
    }
}
