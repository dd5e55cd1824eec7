//! What is asked of the training and about the models: done one after another, on one thread.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{self, Sender};
use std::thread::{self, JoinHandle};

use super::backend::Backend;
use super::mailbox::{Outbox, guarded};
use crate::ui::{Message, ModelsOrder, TrainingOrder};

/// Something to be done in its turn.
#[derive(Clone, Debug)]
pub(super) enum Order {
    Training(TrainingOrder),
    Models(ModelsOrder),
}

/// The thread, and the way to it.
pub(super) struct Orders {
    sender: Option<Sender<Order>>,
    thread: Option<JoinHandle<()>>,
}

impl Orders {
    /// Starts the thread.
    pub(super) fn start(backend: Arc<dyn Backend>, outbox: Outbox) -> io::Result<Self> {
        let (sender, given) = mpsc::channel::<Order>();
        let thread = thread::Builder::new().name("orders".into()).spawn(move || {
            for order in given {
                let done = guarded("this", || match order {
                    Order::Training(order) => backend.training(order, &outbox),
                    Order::Models(order) => backend.models(order, &outbox),
                });
                if let Err(why) | Ok(Err(why)) = done {
                    outbox.send(Message::Failed(why));
                }
            }
            // The way is closed: the person leaves.
            if let Err(why) = guarded("leaving", || backend.leave()) {
                tracing::error!(why);
            }
        })?;
        Ok(Self { sender: Some(sender), thread: Some(thread) })
    }

    /// Asks for something; false: nobody is there to do it.
    pub(super) fn put(&self, order: Order) -> bool {
        self.sender.as_ref().is_some_and(|sender| sender.send(order).is_ok())
    }

    /// No more will be asked for: after what is in hand the backend is told that the person leaves.
    pub(super) fn close(&mut self) {
        self.sender = None;
    }

    /// Waits for that.
    pub(super) fn join(&mut self) {
        if let Some(thread) = self.thread.take() {
            _ = thread.join();
        }
    }
}
