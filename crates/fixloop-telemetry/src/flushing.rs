//! Events on their way to the sink that the policy names, on a thread of its own: a share that hangs holds up nothing.

use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use crate::flush::{Destination, flush};
use crate::machine::Machine;
use crossbeam_channel::{Receiver, Sender, bounded, unbounded};

/// How long the end of a session waits for its last events to arrive; what does not is flushed by the next session.
const LAST_WORDS: Duration = Duration::from_secs(3);

/// After a failure.
const PAUSE: Duration = Duration::from_mins(1);

/// Flushes one spool, for a server that follows a policy.
pub struct Flushing {
    destinations: Sender<Destination>,
    /// What became of each flush: nothing, or why it failed.
    ends: Receiver<Option<String>>,
    is_busy: bool,
    /// There may be events that no sink has; those of an earlier session at first.
    is_pending: bool,
    not_before: Option<Instant>,
    /// What was said last.
    said: Option<String>,
}

impl Flushing {
    /// Of a machine's user, unless a folder is named. Nothing where the thread cannot be had; events then wait in the spool.
    pub fn start(machine: Machine, spool: PathBuf) -> Option<Self> {
        let (destinations, wanted) = bounded(1);
        let (ended, ends) = unbounded();
        let work = move || {
            for destination in &wanted {
                if ended.send(flushed(&machine, &spool, &destination)).is_err() {
                    return;
                }
            }
        };
        thread::Builder::new().name("flush".to_owned()).spawn(work).ok()?;
        let (is_busy, is_pending, not_before, said) = (false, true, None, None);
        Some(Self { destinations, ends, is_busy, is_pending, not_before, said })
    }

    /// There is something new in the spool.
    pub fn recorded(&mut self) {
        self.is_pending = true;
    }

    /// Begins to flush if there is something and nothing speaks against it. Gives why an earlier one failed, once.
    pub fn flush(&mut self, destination: &Destination) -> Option<String> {
        let problem = self.ends.try_iter().last().and_then(|it| self.take(it));
        let is_early = self.not_before.is_some_and(|it| Instant::now() < it);
        if self.is_pending && !self.is_busy && !is_early {
            self.send(destination);
        }
        problem
    }

    /// Flushes what a session leaves, as far as that is done soon.
    pub fn end(&mut self, destination: &Destination) {
        let until = Instant::now() + LAST_WORDS;
        if self.is_busy
            && let Ok(it) = self.ends.recv_deadline(until)
        {
            self.take(it);
        }
        if !self.is_busy {
            self.send(destination);
            // What is not there by now waits in the spool.
            if self.ends.recv_deadline(until).is_err() {}
        }
    }

    fn send(&mut self, destination: &Destination) {
        self.is_busy = self.destinations.send(destination.clone()).is_ok();
        self.is_pending = false;
    }

    fn take(&mut self, ended: Option<String>) -> Option<String> {
        self.is_busy = false;
        self.is_pending |= ended.is_some();
        self.not_before = ended.as_ref().map(|_| Instant::now() + PAUSE);
        let is_news = ended != self.said;
        self.said.clone_from(&ended);
        ended.filter(|_| is_news)
    }
}

fn flushed(machine: &Machine, spool: &Path, destination: &Destination) -> Option<String> {
    let error = flush(machine, spool, destination).err()?;
    let mut text = format!("events wait in the spool: {error}");
    let mut cause = std::error::Error::source(&error);
    while let Some(it) = cause {
        text.push_str(": ");
        text.push_str(&it.to_string());
        cause = it.source();
    }
    Some(text)
}
