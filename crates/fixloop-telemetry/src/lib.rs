//! Events of editors and agents, kept in a local bounded crash-safe spool.
//!
//! - [`event`](Event) is what is recorded, [`Subject`] what it is about. Both are made of closed words, so that no path, name or content
//!   can get in; the one free text is the sentence that a person types on purpose ([`Comment`]).
//! - [`Spool`] keeps events in a folder that several processes share; [`read`] reads it, [`purge`] and [`switch_off`] empty it.
//! - [`Recorder`] is what an editor's server holds: permission, session, clock and spool in one.
//! - [`drafts`] makes exposures of shown and cleared alerts.
//! - [`flush`], or [`Flushing`] on a thread of its own, brings a spool's events into a sink, a folder that an organization names, and [`collect`] takes them from there.
//!
//! Nothing here speaks to a network. Only `machine.rs` asks the clock, the environment and the system's random source.

mod advisory_ids;
mod batch;
mod collect;
mod comment;
mod drafts;
mod durable;
mod event;
mod flush;
mod flushing;
mod frame;
mod gate;
mod ids;
mod machine;
mod permission;
mod place;
mod pseudonym;
mod recorder;
mod session;
mod sink;
mod spool;
mod subject;
#[cfg(test)]
mod tests;
mod treatment_id;
mod wire;

pub use advisory_ids::PublicIds;
pub use batch::{Batch, BatchHeader, Refused};
pub use collect::{CollectError, Collected, Taken, collect};
pub use comment::Comment;
pub use drafts::{DraftExposure, drafts};
pub use event::{Cleared, Event, Kind, Moment, NewEvent, NotUseful, SCHEMA};
pub use flush::{Destination, FlushError, Flushed, flush};
pub use flushing::Flushing;
pub use gate::{Gate, GateVerdict};
pub use ids::{BatchId, EventId, ExposureId, SessionId, SourceId};
pub use machine::{Clock, Machine, Time, WrongNow, set_now};
pub use permission::{Denial, Environment, denial};
pub use place::spool_folder;
pub use pseudonym::{ExposurePlace, Pseudonyms};
pub use recorder::{Recorder, Settings};
pub use session::{Client, ClockSource, Phase, Session};
pub use sink::{SinkError, prepare_sink};
pub use spool::folder::{Purged, is_off, purge, switch_off, switch_on};
pub use spool::read::{Contents, read};
pub use spool::{Appended, Limits, Spool, SpoolError};
pub use subject::{Mode, PublicEcosystem, Subject, Surface};
pub use treatment_id::TreatmentId;
