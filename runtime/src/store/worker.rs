//! The thread on which a store waits for its backend.

use std::{
    future::Future,
    io,
    pin::Pin,
    sync::mpsc,
    thread::{self, JoinHandle},
};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::StoreError;

type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A thread with an asynchronous runtime. It stops when this is dropped.
pub(super) struct Worker {
    /// `None` only while dropping.
    tasks: Option<UnboundedSender<Task>>,
    thread: Option<JoinHandle<()>>,
}

impl Worker {
    pub(super) fn start() -> Result<Self, StoreError> {
        let (tasks, queue) = unbounded_channel();
        let failed = |error: io::Error| StoreError::Thread {
            reason: error.to_string(),
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(failed)?;
        let thread = thread::Builder::new()
            .name("model-store".to_owned())
            .spawn(move || runtime.block_on(serve(queue)))
            .map_err(failed)?;
        Ok(Self {
            tasks: Some(tasks),
            thread: Some(thread),
        })
    }

    /// Runs a future to its end and returns its value; the caller's thread waits. Futures of several callers interleave.
    ///
    /// # Errors
    /// [`StoreError::Thread`] if the future panicked: a bug of a backend must not take the caller down.
    pub(super) fn run<T: Send + 'static>(
        &self,
        future: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, answer) = mpsc::sync_channel(1);
        let task = Box::pin(async move {
            // The caller waits for it, so it cannot fail.
            let _ = reply.send(future.await);
        });
        let stopped = || StoreError::Thread {
            reason: "it ended early".to_owned(),
        };
        let tasks = self.tasks.as_ref().ok_or_else(stopped)?;
        tasks.send(task).map_err(|_| stopped())?;
        answer.recv().map_err(|_| StoreError::Thread {
            reason: "the request panicked".to_owned(),
        })
    }
}

async fn serve(mut queue: UnboundedReceiver<Task>) {
    while let Some(task) = queue.recv().await {
        tokio::spawn(task);
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        drop(self.tasks.take());
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has nothing left to clean up.
            let _ = thread.join();
        }
    }
}
