//! Everything a gate has to say, before any rendering: `fixloop.gate/1`.

use fixloop_model::{
    Base, BuildCheck, Class, Finding, IndexSummary, Rating, Suppressed, Timestamp, Unknown,
};
use fixloop_policy::{BranchKind, Change, Mode};

use crate::break_glass::BreakGlass;

/// What becomes of the build.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Verdict {
    Pass,
    Alert,
    /// What would have been done is not known: no bundle that can be believed, or a base that cannot be found.
    Unverified,
    /// It would break, and somebody answers for it that it does not.
    BrokenGlass,
    Break,
}

impl Verdict {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Alert => "alert",
            Self::Unverified => "unverified",
            Self::BrokenGlass => "broken-glass",
            Self::Break => "break",
        }
    }
}

/// What a finding is about.
#[derive(Clone, Debug, PartialEq)]
pub enum Subject {
    Package(Box<Finding>),
    Build(Box<BuildCheck>),
}

/// A finding, and what is done about it.
#[derive(Clone, Debug, PartialEq)]
pub struct GateFinding {
    pub subject: Subject,
    pub change: Change,
    pub mode: Mode,
    /// Whether people hear of it: the ruling shows it. Of what is fixed, `mode` no longer says so; a holdout is told of neither.
    pub is_told: bool,
    /// `treatment-1@3`, `campaign-1@2`, or `built-in`: what decided.
    pub rule: String,
    /// Why this mode, in one sentence without a period.
    pub reason: String,
    /// The organization's own words, and where it says more.
    pub words: Option<String>,
    pub link: Option<String>,
    /// From when on it ends builds.
    pub deadline: Option<Timestamp>,
}

impl GateFinding {
    pub fn path(&self) -> &str {
        match &self.subject {
            Subject::Package(it) => &it.path,
            Subject::Build(it) => &it.path,
        }
    }

    /// From 1; nothing where no line is meant.
    pub fn line(&self) -> Option<u32> {
        match &self.subject {
            Subject::Package(it) => Some(it.position.line),
            Subject::Build(it) => it.line,
        }
    }

    pub fn severity(&self) -> Option<Rating> {
        match &self.subject {
            Subject::Package(it) => it.severity.as_ref().map(|it| it.rating),
            Subject::Build(it) => it.severity,
        }
    }

    pub fn class(&self) -> Class {
        match &self.subject {
            Subject::Package(it) => it.class,
            Subject::Build(_) => Class::BuildRule,
        }
    }

    /// The advisory, or the rule.
    pub fn id(&self) -> &str {
        match &self.subject {
            Subject::Package(it) => it.ids.first().map_or("", |it| &**it),
            Subject::Build(it) => &it.rule,
        }
    }

    /// `lodash 4.17.15 is vulnerable: GHSA-…`, without what to do.
    pub fn title(&self) -> String {
        match &self.subject {
            Subject::Package(it) => {
                let is = match it.class {
                    Class::Malicious => "is malicious",
                    Class::Unmaintained => "is unmaintained",
                    Class::Vulnerability => "is vulnerable",
                    _ => "has a notice",
                };
                let id = self.id();
                format!("{} {} {is}: {id}", it.name, it.version).trim_end_matches(": ").to_owned()
            }
            Subject::Build(it) => format!("{}: {}", it.rule, it.summary),
        }
    }

    /// What to do about it; nothing where nobody can do anything yet.
    pub fn fix(&self) -> Option<String> {
        match &self.subject {
            Subject::Package(it) => match (&it.fixed_version, it.class) {
                (Some(version), _) => Some(format!("upgrade {} to {version}", it.name)),
                (None, Class::Malicious) => Some(format!("remove {}", it.name)),
                (None, _) => None,
            },
            Subject::Build(it) => (!it.fix.is_empty()).then(|| it.fix.clone()),
        }
    }
}

/// Whose policy decided.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct PolicyState {
    /// Of the bundle; nothing where the built-in policy decided.
    pub version: Option<u64>,
    pub team: Option<String>,
    pub ring: Option<String>,
    /// What is wrong with it, if something is: the cached bundle decided, or none.
    pub trouble: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    pub verdict: Verdict,
    /// If every rule were in break.
    pub would: Verdict,
    /// Why the verdict is [`Verdict::Unverified`].
    pub unverified: Vec<String>,
    pub branch: BranchKind,
    /// Nothing where nothing was compared: everything counts as there before.
    pub base: Option<Base>,
    pub policy: PolicyState,
    /// The hardest first; those that are fixed stand last.
    pub findings: Vec<GateFinding>,
    /// Of findings that somebody accepted.
    pub suppressed: Vec<Suppressed>,
    /// Checks of build configuration that are no finding.
    pub checks: Vec<BuildCheck>,
    pub unknown: Vec<Unknown>,
    /// What else somebody has to know: a break-glass that does not hold, an exception that does not count.
    pub notes: Vec<String>,
    pub break_glass: Option<BreakGlass>,
    /// Whether an unverified verdict ends this build.
    pub fails_unverified: bool,
    /// Whether nobody is told anything here: then everything for people is the verdict alone.
    pub is_silent: bool,
    /// When it was decided: deadlines are counted down from here.
    pub now: Timestamp,
    /// What it was checked against; nothing where there was none to open.
    pub index: Option<IndexSummary>,
    /// Where the checked folder lies in its repository, `/` between parts; empty for the repository itself. Annotations need it.
    pub folder: String,
}

impl Report {
    /// 0: goes on; 1: ends; 2: ends because nothing could be verified.
    pub fn exit_code(&self) -> u8 {
        match self.verdict {
            Verdict::Break => 1,
            Verdict::Unverified if self.fails_unverified => 2,
            _ => 0,
        }
    }

    pub fn of_mode(&self, mode: Mode) -> impl Iterator<Item = &GateFinding> {
        self.findings.iter().filter(move |it| it.mode == mode && it.change != Change::Fixed)
    }

    pub fn fixed(&self) -> impl Iterator<Item = &GateFinding> {
        self.findings.iter().filter(|it| it.change == Change::Fixed)
    }

    /// What people hear of, the hardest first.
    pub fn told(&self) -> impl Iterator<Item = &GateFinding> {
        let is_told = |it: &&GateFinding| it.mode > Mode::Observe && it.change != Change::Fixed;
        self.findings.iter().filter(is_told).filter(|_| !self.is_silent)
    }

    /// What people hear of that is gone.
    pub fn told_fixed(&self) -> impl Iterator<Item = &GateFinding> {
        self.fixed().filter(|it| it.is_told && !self.is_silent)
    }
}
