//! Every finding judged by the policy, then folded into one verdict.

use fixloop_model::{Base, BuildCheck, CheckState, Class, Finding, Scan, Suppressed, Timestamp};
use fixloop_policy::{
    About, BranchKind, BuildFacts, BuildRuling, Change, Facts, Mode, Resolution, Surface, Why,
    decide_build,
};

use crate::break_glass::{BreakGlass, BreakGlassError};
use crate::compare::Compared;
use crate::report::{GateFinding, PolicyState, Report, Subject, Verdict};

/// Everything that a verdict depends on.
pub struct Question {
    /// Of the tree that is built.
    pub scan: Scan,
    /// Of its findings and checks with the merge-base's; nothing where there is none: everything counts as there before.
    pub compared: Option<Compared>,
    pub base: Option<Base>,
    pub resolution: Resolution,
    pub policy: PolicyState,
    pub branch: BranchKind,
    pub now: Timestamp,
    /// What could not be verified.
    pub unverified: Vec<String>,
    pub fails_unverified: bool,
    pub notes: Vec<String>,
    /// Where the checked folder lies in its repository, `/` between parts; empty for the repository itself.
    pub folder: String,
    /// What the environment says, if it says something.
    pub break_glass: Option<Result<BreakGlass, BreakGlassError>>,
}

/// Judges every finding, and folds only then: no finding, and no kind of finding, hides another.
pub fn judge(question: Question) -> Report {
    let mut notes = question.notes.clone();
    let mut findings = judged(&question);
    let mut verdict = fold(findings.iter().map(|it| it.0.mode));
    let mut would = fold(findings.iter().map(|it| it.1));
    if only_fixes(&findings) && verdict == Verdict::Break {
        verdict = Verdict::Alert;
        notes.push("this change only fixes, and such a change always passes".to_owned());
        let breaking = findings.iter_mut().filter(|it| it.0.mode == Mode::Break);
        breaking.for_each(|it| it.0.mode = Mode::Alert);
    }
    if only_fixes(&findings) {
        would = would.min(Verdict::Alert);
    }
    if !question.unverified.is_empty() {
        verdict = verdict.max(Verdict::Unverified);
    }
    let break_glass = match question.break_glass {
        Some(Ok(it)) => {
            if verdict == Verdict::Break {
                verdict = Verdict::BrokenGlass;
            }
            Some(it)
        }
        Some(Err(error)) => {
            notes.push(format!("FIXLOOP_BREAK_GLASS does not hold: {}", error.as_str()));
            None
        }
        None => None,
    };
    let mut findings: Vec<GateFinding> = findings.into_iter().map(|it| it.0).collect();
    findings.sort_by(|a, b| order(a).cmp(&order(b)));
    Report {
        verdict,
        would,
        unverified: question.unverified,
        branch: question.branch,
        base: question.base,
        policy: question.policy,
        findings,
        suppressed: question.scan.suppressed,
        checks: question.scan.checks.into_iter().filter(|it| !it.state.is_finding()).collect(),
        unknown: question.scan.unknown,
        notes,
        break_glass,
        fails_unverified: question.fails_unverified,
        is_silent: question.resolution.is_silent_on(Surface::Build),
        now: question.now,
        index: question.scan.index,
        folder: question.folder,
    }
}

/// The hardest first; of equals what this change brought, then the most severe.
fn order(it: &GateFinding) -> impl Ord + '_ {
    let is_fixed = it.change == Change::Fixed;
    let severity = std::cmp::Reverse(it.severity());
    let hardest = std::cmp::Reverse(it.mode);
    (is_fixed, hardest, it.change, it.class(), severity, it.path(), it.line(), it.title())
}

fn fold(modes: impl Iterator<Item = Mode>) -> Verdict {
    match modes.max() {
        Some(Mode::Break) => Verdict::Break,
        Some(Mode::Alert) => Verdict::Alert,
        Some(Mode::Observe) | None => Verdict::Pass,
    }
}

/// Something is gone, and nothing is new.
fn only_fixes(findings: &[(GateFinding, Mode)]) -> bool {
    findings.iter().any(|it| it.0.change == Change::Fixed)
        && !findings.iter().any(|it| it.0.change.is_of_this_change())
}

/// Each finding with its ruling, and what would be done if every rule were in break.
fn judged(question: &Question) -> Vec<(GateFinding, Mode)> {
    let compared = question.compared.as_ref();
    let mut judged = Vec::new();
    for (index, finding) in question.scan.findings.iter().enumerate() {
        let change = compared.and_then(|it| it.findings.get(index).copied());
        let change = change.unwrap_or(Change::PreExisting);
        judged.push(package(question, finding.clone(), change));
    }
    let checks = question.scan.checks.iter().filter(|it| it.state.is_finding());
    for (index, check) in checks.enumerate() {
        let change = compared.and_then(|it| it.checks.get(index).copied());
        judged.push(build(question, check.clone(), change.unwrap_or(Change::PreExisting)));
    }
    let fixed = compared.iter().flat_map(|it| &it.fixed);
    judged.extend(fixed.map(|it| package(question, it.clone(), Change::Fixed)));
    let fixed = compared.iter().flat_map(|it| &it.fixed_checks);
    judged.extend(fixed.map(|it| build(question, it.clone(), Change::Fixed)));
    judged
}

fn package(question: &Question, finding: Finding, change: Change) -> (GateFinding, Mode) {
    let facts = Facts {
        surface: Surface::Build,
        is_first_reference: Some(change.is_of_this_change()),
        is_direct: finding.direct,
        severity: finding.severity.as_ref().map(|it| it.rating),
        class: finding.class,
    };
    // Taking a package out that takes over machines is always possible.
    let has_fix = finding.fixed_version.is_some() || finding.class == Class::Malicious;
    let about = About::advisories(&finding.ids);
    let ruling = rule(question, facts, about, (change, has_fix));
    found(Subject::Package(Box::new(finding)), change, ruling)
}

fn build(question: &Question, check: BuildCheck, change: Change) -> (GateFinding, Mode) {
    let facts = Facts {
        surface: Surface::Build,
        is_first_reference: Some(change.is_of_this_change()),
        is_direct: Some(true),
        severity: check.severity,
        class: Class::BuildRule,
    };
    let has_fix = check.state != CheckState::Unknown;
    let ruling = rule(question, facts, About::rule(&check.rule), (change, has_fix));
    found(Subject::Build(Box::new(check)), change, ruling)
}

fn rule(
    question: &Question,
    facts: Facts,
    about: About<'_>,
    (change, has_fix): (Change, bool),
) -> BuildRuling {
    let (branch, now) = (question.branch, question.now.0);
    decide_build(&question.resolution, &BuildFacts { facts, about, change, has_fix, branch, now })
}

fn found(subject: Subject, change: Change, ruling: BuildRuling) -> (GateFinding, Mode) {
    let BuildRuling { ruling, mode, would, deadline, because } = ruling;
    let reason = because.sentence(ruling.why).to_owned();
    let is_told = ruling.is_shown();
    let otherwise = || match ruling.why {
        Why::WithoutPolicy => "built-in".to_owned(),
        _ => "policy".to_owned(),
    };
    let finding = GateFinding {
        subject,
        change,
        mode,
        is_told,
        rule: ruling.campaign.or(ruling.treatment).unwrap_or_else(otherwise),
        reason,
        words: ruling.words,
        link: ruling.link,
        deadline: deadline.map(Timestamp),
    };
    (finding, would)
}

/// Takes back what exceptions accept that do not say who answers for them and until when: in a build they do not hold. Returns what to
/// say about each. Has to come before a comparison, so that a change cannot bring a finding and a bare exception for it.
pub fn take_back_bare_exceptions(scan: &mut Scan) -> Vec<String> {
    let is_whole = |it: &Suppressed| it.owner.is_some() && it.expires.is_some();
    let (whole, bare): (Vec<_>, Vec<_>) =
        std::mem::take(&mut scan.suppressed).into_iter().partition(is_whole);
    scan.suppressed = whole;
    let notes = bare.iter().map(refusal).collect();
    scan.findings.extend(bare.into_iter().map(|it| it.finding));
    notes
}

fn refusal(it: &Suppressed) -> String {
    let missing = match (&it.owner, &it.expires) {
        (None, None) => "no `owner` and no `expires`",
        (None, _) => "no `owner`",
        _ => "no `expires`",
    };
    let id = it.finding.ids.first().map_or("a finding", |it| &**it);
    let (path, line) = (&it.place.path, it.place.position.line);
    format!("{path}:{line}: the exception for {id} has {missing}, so it does not hold in a build")
}
