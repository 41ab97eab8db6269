//! A configured policy: looked at again and again, believed or not, and what counts of it now.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use fixloop_model::Timestamp;
use fixloop_policy::{Bundle, Expect, PublicKey, Refused, Why, verify};

use crate::cache::{Cache, Memory, sha256};
use crate::source::{Look, Looker, PolicySource};
use crate::standing::Standing;

/// How long the last believed bundle counts while its source says nothing.
pub const MAX_STALE_US: i64 = 24 * 3600 * 1_000_000;

/// How often it is remembered that a bundle was confirmed.
const REMEMBER_US: i64 = 10 * 60 * 1_000_000;

/// Before there is a bundle that says how often to look.
const FIRST_POLL: Duration = Duration::from_mins(1);
/// A server is not asked more often, and the kill switch is not waited for longer.
const POLL_SECONDS: std::ops::RangeInclusive<u32> = 5..=3600;

/// A policy that somebody configured.
#[derive(Debug)]
pub struct Policy {
    looker: Looker,
    key: PublicKey,
    cache: Option<Cache>,
    memory: Memory,
    /// The last that was believed.
    held: Option<Arc<Bundle>>,
    /// Why the source's bundle does not count, if so.
    trouble: Option<Trouble>,
    standing: Standing,
    /// What was said last.
    said: Option<String>,
    remembered_at: i64,
}

#[derive(Clone, Debug, Eq, PartialEq)]
enum Trouble {
    Refused(Refused),
    /// The source says nothing.
    Unreachable(String),
}

/// What a look changed.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Polled {
    /// Another [`Standing`] counts now.
    pub is_changed: bool,
    /// Something that people have to be told, once.
    pub notice: Option<String>,
}

impl Policy {
    /// A policy as far as it is known without looking: what was believed last, if that still counts.
    ///
    /// Without a folder to keep bundles in, nothing is remembered over restarts.
    pub fn open(
        source: PolicySource,
        key: PublicKey,
        cache: Option<&Path>,
        now: Timestamp,
    ) -> Self {
        let cache = cache.map(|it| Cache::new(it, &key));
        let (bytes, memory) = cache.as_ref().map(Cache::read).unwrap_or_default();
        let standing = Standing::Observing { why: Why::NotBelieved, is_refused: false };
        let mut policy = Self {
            looker: Looker::new(source),
            key,
            cache,
            memory,
            held: None,
            trouble: Some(Trouble::Unreachable("it was not looked at yet".to_owned())),
            standing,
            said: None,
            remembered_at: i64::MIN,
        };
        let is_remembered = |it: &Vec<u8>| Some(sha256(it)) == policy.memory.sha256;
        if let Some(bytes) = bytes.filter(is_remembered) {
            // What is kept is believed no more than what comes.
            policy.held = policy.verified(&bytes, now).ok().map(Arc::new);
        }
        policy.standing = policy.standing_at(now);
        policy
    }

    pub fn standing(&self) -> &Standing {
        &self.standing
    }

    pub fn source(&self) -> &PolicySource {
        self.looker.source()
    }

    /// How long to wait before the next look, where a look asks a server.
    pub fn interval(&self) -> Duration {
        let seconds = self.held.as_ref().map(|it| it.poll_seconds);
        let clamped = seconds.map(|it| it.clamp(*POLL_SECONDS.start(), *POLL_SECONDS.end()));
        clamped.map_or(FIRST_POLL, |it| Duration::from_secs(it.into()))
    }

    /// Looks at the source. Waits for a server where there is one, for ten seconds at most.
    pub fn poll(&mut self, now: Timestamp) -> Polled {
        // A tag asks for news of what is held; where that is not what counts, the whole is asked for.
        let is_good = self.trouble.as_ref().is_none_or(|it| matches!(it, Trouble::Unreachable(_)));
        let tag = self.memory.tag.clone().filter(|_| is_good && self.held.is_some());
        let mut problem = None;
        match self.looker.look(tag.as_deref()) {
            Look::Unchanged => {
                if is_good {
                    self.trouble = None;
                    problem = self.confirm(now);
                }
            }
            Look::Bytes(bytes, tag) => match self.verified(&bytes, now) {
                Ok(bundle) => problem = self.believe(bundle, &bytes, tag, now),
                Err(refused) => {
                    // A clock that is set right makes it count.
                    if matches!(refused, Refused::Future { .. }) {
                        self.looker.forget();
                    }
                    self.trouble = Some(Trouble::Refused(refused));
                }
            },
            Look::Unreachable(reason) => {
                // What was refused stays refused until there is something better.
                if is_good {
                    self.trouble = Some(Trouble::Unreachable(reason));
                }
            }
        }
        let standing = self.standing_at(now);
        let is_changed = standing != self.standing;
        self.standing = standing;
        let notice = self.notice(now).or_else(|| problem.map(|it| (it.clone(), it)));
        let topic = notice.as_ref().map(|(topic, _)| topic);
        let is_news = topic.is_some() && topic != self.said.as_ref();
        if is_news || is_changed {
            self.said = topic.cloned();
        }
        Polled { is_changed, notice: notice.filter(|_| is_news).map(|(_, text)| text) }
    }

    /// Why the source's own bundle does not count now, although a kept one may; a fragment.
    pub fn trouble(&self, now: Timestamp) -> Option<String> {
        match &self.trouble {
            Some(Trouble::Refused(refused)) => Some(refused.to_string()),
            Some(Trouble::Unreachable(reason)) if self.held.is_none() => {
                Some(format!("there is no policy bundle: {reason}"))
            }
            Some(Trouble::Unreachable(reason)) => {
                let kept = if self.is_stale(now) { "is too old to count" } else { "counts" };
                Some(format!("{reason}; the bundle that was kept {kept}"))
            }
            None => self
                .held
                .as_ref()
                .filter(|it| now.0 >= it.expires_at)
                .map(|it| Refused::Expired { since_us: it.expires_at }.to_string()),
        }
    }

    fn verified(&self, bytes: &[u8], now: Timestamp) -> Result<Bundle, Refused> {
        let organization = self.memory.organization.as_deref();
        let expect = Expect { now, organization, last_version: self.memory.last_version };
        verify(bytes, &self.key, &expect)
    }

    fn believe(
        &mut self,
        bundle: Bundle,
        bytes: &[u8],
        tag: Option<String>,
        now: Timestamp,
    ) -> Option<String> {
        self.memory.last_version = self.memory.last_version.max(Some(bundle.version));
        self.memory.organization = Some(bundle.organization.clone());
        (self.memory.tag, self.memory.confirmed_at) = (tag, Some(now.0));
        self.memory.sha256 = Some(sha256(bytes));
        self.trouble = None;
        if self.held.as_deref() != Some(&bundle) {
            self.held = Some(Arc::new(bundle));
        }
        self.remembered_at = now.0;
        let cache = self.cache.as_ref()?;
        // The bundle first: what is remembered of one that is not there would be about another.
        let kept = cache.write_bundle(bytes).and_then(|()| cache.write_memory(&self.memory));
        kept.err().map(|it| not_kept(&it))
    }

    fn confirm(&mut self, now: Timestamp) -> Option<String> {
        self.memory.confirmed_at = Some(now.0);
        if self.held.is_none() || now.0.saturating_sub(self.remembered_at) < REMEMBER_US {
            return None;
        }
        self.remembered_at = now.0;
        self.cache.as_ref()?.write_memory(&self.memory).err().map(|it| not_kept(&it))
    }

    fn standing_at(&self, now: Timestamp) -> Standing {
        let observing = |why, is_refused| Standing::Observing { why, is_refused };
        match (&self.trouble, &self.held) {
            (Some(Trouble::Refused(_)), _) => observing(Why::NotBelieved, true),
            (_, None) => observing(Why::NotBelieved, false),
            (_, Some(held)) if now.0 >= held.expires_at => observing(Why::NotBelieved, true),
            (Some(Trouble::Unreachable(_)), Some(_)) if self.is_stale(now) => {
                observing(Why::Stale, false)
            }
            (_, Some(held)) => Standing::Bundle(Arc::clone(held)),
        }
    }

    fn is_stale(&self, now: Timestamp) -> bool {
        let age_us = self.memory.confirmed_at.map(|it| now.0.saturating_sub(it));
        age_us.is_none_or(|it| it >= MAX_STALE_US)
    }

    /// What people have to know of what counts now; before it, what tells it from another. A server that is out of reach is so in
    /// changing words.
    fn notice(&self, now: Timestamp) -> Option<(String, String)> {
        if self.standing.bundle().is_some() {
            return None;
        }
        let (topic, reason) = match (&self.trouble, &self.held) {
            (Some(Trouble::Refused(refused)), _) => ("", refused.to_string()),
            (_, Some(held)) if now.0 >= held.expires_at => {
                ("", Refused::Expired { since_us: held.expires_at }.to_string())
            }
            (Some(Trouble::Unreachable(reason)), Some(_)) => {
                let hours = MAX_STALE_US / 3_600_000_000;
                let text = format!("the policy bundle was not confirmed for {hours} hours");
                ("stale", format!("{text}: {reason}"))
            }
            (Some(Trouble::Unreachable(reason)), None) => {
                ("none", format!("there is no policy bundle: {reason}"))
            }
            (None, _) => return None,
        };
        let topic = if topic.is_empty() { &reason } else { topic }.to_owned();
        Some((topic, format!("fixloop shows no alerts and only observes: {reason}")))
    }
}

fn not_kept(error: &std::io::Error) -> String {
    format!("the policy bundle cannot be kept for when its source is out of reach: {error}")
}
