//! Events as JSON: what lies in the spool is what `fixloop telemetry show --format json` prints.

use fixloop_manifest::Format;
use fixloop_model::{Class, Rating};
use fixloop_policy::Key;
use serde::{Deserialize, Serialize};

use crate::advisory_ids::PublicIds;
use crate::event::{Event, MAX_SEQ, SCHEMA};
use crate::ids::{ExposureId, SourceId};
use crate::subject::{Mode, PublicEcosystem, Subject, Surface};
use crate::treatment_id::TreatmentId;

#[derive(Serialize)]
struct Write<'a> {
    schema: &'static str,
    #[serde(flatten)]
    event: &'a Event,
}

#[derive(Deserialize)]
struct Read {
    schema: String,
    #[serde(flatten)]
    event: Event,
}

/// Also [`Event::to_json`] for people who print it.
pub(crate) fn to_json(event: &Event) -> serde_json::Value {
    serde_json::to_value(Write { schema: SCHEMA, event })
        .expect("an event is numbers, texts and maps with text keys")
}

/// Compact, for the spool.
pub(crate) fn to_bytes(event: &Event) -> Vec<u8> {
    serde_json::to_vec(&Write { schema: SCHEMA, event })
        .expect("an event is numbers, texts and maps with text keys")
}

/// Nothing if it is no event of this schema, as a newer version may write.
pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Event> {
    let read: Read = serde_json::from_slice(bytes).ok()?;
    let is_ours = read.schema == SCHEMA && (1..=MAX_SEQ).contains(&read.event.seq);
    is_ours.then_some(read.event)
}

/// The number of an event of any version.
pub(crate) fn seq_of(bytes: &[u8]) -> Option<u64> {
    #[derive(Deserialize)]
    struct Numbered {
        seq: u64,
    }
    let numbered: Numbered = serde_json::from_slice(bytes).ok()?;
    (1..=MAX_SEQ).contains(&numbered.seq).then_some(numbered.seq)
}

/// The source of an event of any version.
pub(crate) fn source_of(bytes: &[u8]) -> Option<SourceId> {
    #[derive(Deserialize)]
    struct Named {
        source: SourceId,
    }
    serde_json::from_slice::<Named>(bytes).ok().map(|it| it.source)
}

/// [`Event::may_leave`] of an event of any version, by the fields that say so in this one: what has none of them stays.
pub(crate) fn may_leave(bytes: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Named {
        kind: String,
        repository: Option<Key>,
        subject: Option<About>,
    }
    #[derive(Deserialize)]
    struct About {
        target: Option<Key>,
    }
    let named: Option<Named> = serde_json::from_slice(bytes).ok();
    named.is_some_and(|it| match &*it.kind {
        "session" => true,
        "policy" | "gate" => it.repository.is_some(),
        _ => it.subject.is_some_and(|it| it.target.is_some()),
    })
}

impl Event {
    /// `fixloop.event/1` (docs/schema/event-1.json).
    pub fn to_json(&self) -> serde_json::Value {
        to_json(self)
    }
}

/// A [`Subject`] in words.
#[derive(Deserialize, Serialize)]
pub(crate) struct WireSubject {
    exposure: ExposureId,
    ecosystem: String,
    advisories: Vec<String>,
    n_advisories_left_out: u32,
    severity: Option<String>,
    class: String,
    file_kind: Option<String>,
    is_first_reference: Option<bool>,
    is_direct: Option<bool>,
    surface: Surface,
    mode: Mode,
    target: Option<Key>,
    component: Option<Key>,
    treatment: Option<TreatmentId>,
}

impl From<Subject> for WireSubject {
    fn from(subject: Subject) -> Self {
        Self {
            exposure: subject.exposure,
            ecosystem: subject.ecosystem.as_str().to_owned(),
            advisories: subject.advisories.ids().to_vec(),
            n_advisories_left_out: subject.advisories.n_left_out(),
            severity: subject.severity.map(|it| it.as_str().to_owned()),
            class: subject.class.as_str().to_owned(),
            file_kind: subject.file_kind.map(|it| it.name().to_owned()),
            is_first_reference: subject.is_first_reference,
            is_direct: subject.is_direct,
            surface: subject.surface,
            mode: subject.mode,
            target: subject.target,
            component: subject.component,
            treatment: subject.treatment,
        }
    }
}

const CLASSES: &[Class] = &[
    Class::Malicious,
    Class::Vulnerability,
    Class::Unmaintained,
    Class::Informational,
    Class::BuildRule,
    Class::Exception,
];

impl TryFrom<WireSubject> for Subject {
    type Error = &'static str;

    fn try_from(wire: WireSubject) -> Result<Self, Self::Error> {
        let class = CLASSES.iter().find(|it| it.as_str() == wire.class);
        let format = |name: String| {
            let format = Format::ALL.iter().find(|it| it.name() == name);
            format.copied().ok_or("unknown kind of file")
        };
        let rating = |word: String| Rating::from_word(&word).ok_or("unknown severity");
        Ok(Self {
            exposure: wire.exposure,
            ecosystem: PublicEcosystem::of(&wire.ecosystem),
            advisories: PublicIds::of(wire.advisories).add_left_out(wire.n_advisories_left_out),
            severity: wire.severity.map(rating).transpose()?,
            class: *class.ok_or("unknown class")?,
            file_kind: wire.file_kind.map(format).transpose()?,
            is_first_reference: wire.is_first_reference,
            is_direct: wire.is_direct,
            surface: wire.surface,
            mode: wire.mode,
            target: wire.target,
            component: wire.component,
            treatment: wire.treatment,
        })
    }
}

/// RFC 3339, UTC, to the microsecond. Times that it cannot write become the nearest that it can.
pub(crate) mod time {
    use fixloop_model::Timestamp;
    use serde::{Deserialize, Deserializer, Serializer};

    /// The nearest time that can be written.
    pub(crate) fn clamp(time: Timestamp) -> jiff::Timestamp {
        jiff::Timestamp::from_microsecond(time.0).unwrap_or(if time.0 < 0 {
            jiff::Timestamp::UNIX_EPOCH
        } else {
            jiff::Timestamp::MAX
        })
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
    pub(crate) fn serialize<S: Serializer>(
        time: &Timestamp,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:.6}", clamp(*time)))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Timestamp, D::Error> {
        let text = String::deserialize(deserializer)?;
        let time: jiff::Timestamp = text.parse().map_err(serde::de::Error::custom)?;
        Ok(Timestamp(time.as_microsecond()))
    }
}
