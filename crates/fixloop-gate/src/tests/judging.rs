//! What becomes of the build.

use fixloop_model::{Base, Scan, Timestamp};
use fixloop_policy::{
    Arm, Assigned, BranchKind, Bundle, Campaign, Change, GateSettings, Mode, Moment,
    OrganizationKey, Resolution, Ring, SCHEMA, Scope, Step, Surface, Telemetry, Treatment, Why,
    resolve_team,
};

use super::{build_check, finding};
use crate::{
    BreakGlass, Compared, PolicyState, Question, Report, Verdict, judge, take_back_bare_exceptions,
};

const NOW: i64 = 1_790_000_000_000_000;
const HOUR: i64 = 3_600_000_000;

fn question(findings: &[(&str, Change)], resolution: Resolution) -> Question {
    let is_gone = |it: &&(&str, Change)| it.1 == Change::Fixed;
    let gone: Vec<&(&str, Change)> = findings.iter().filter(is_gone).collect();
    let here: Vec<&(&str, Change)> = findings.iter().filter(|it| !is_gone(it)).collect();
    let compared = Compared {
        findings: here.iter().map(|it| it.1).collect(),
        fixed: gone.iter().map(|it| finding(it.0)).collect(),
        ..Compared::default()
    };
    Question {
        scan: Scan { findings: here.iter().map(|it| finding(it.0)).collect(), ..Scan::default() },
        compared: Some(compared),
        base: Some(Base { revision: "main".to_owned(), merge_base: "0".repeat(40) }),
        resolution,
        policy: PolicyState::default(),
        branch: BranchKind::PullRequest,
        now: Timestamp(NOW),
        unverified: Vec::new(),
        fails_unverified: false,
        notes: Vec::new(),
        folder: String::new(),
        break_glass: None,
    }
}

#[track_caller]
fn check(report: &Report, verdict: Verdict, would: Verdict, exit: u8) {
    assert_eq!((report.verdict, report.would, report.exit_code()), (verdict, would, exit));
}

fn without_policy(findings: &[(&str, Change)]) -> Report {
    judge(question(findings, Resolution::without_policy()))
}

#[test]
fn the_built_in_policy_ends_what_this_change_brought_and_can_mend() {
    use Change::{Fixed, Introduced, NewlyDisclosed, PreExisting, Worsened};
    use Verdict::{Alert, Break, Pass};
    let of = |finding: &str, change| without_policy(&[(finding, change)]);
    check(&without_policy(&[]), Pass, Pass, 0);
    check(&of("yarn.lock lodash A high 2", Introduced), Break, Break, 1);
    check(&of("yarn.lock lodash A critical 2", Worsened), Break, Break, 1);
    check(&of("yarn.lock lodash A high", Introduced), Alert, Alert, 0);
    check(&of("yarn.lock lodash A medium 2", Introduced), Alert, Alert, 0);
    check(&of("yarn.lock lodash A unrated 2", Introduced), Alert, Alert, 0);
    check(&of("yarn.lock evil A malicious", Introduced), Break, Break, 1);
    check(&of("yarn.lock lodash A critical 2", PreExisting), Alert, Alert, 0);
    check(&of("yarn.lock evil A malicious", NewlyDisclosed), Alert, Alert, 0);
    check(&of("yarn.lock lodash A critical 2", Fixed), Pass, Pass, 0);
}

#[test]
fn every_finding_is_judged_before_anything_is_folded() {
    let report = without_policy(&[
        ("yarn.lock a A low 2", Change::PreExisting),
        ("yarn.lock b B critical 2", Change::Introduced),
        ("yarn.lock c C malicious", Change::Introduced),
        ("yarn.lock d D low 2", Change::Introduced),
    ]);
    check(&report, Verdict::Break, Verdict::Break, 1);
    let ids: Vec<&str> = report.findings.iter().map(crate::GateFinding::id).collect();
    assert_eq!(ids, ["C", "B", "D", "A"]);
}

#[test]
fn a_change_that_only_fixes_always_passes() {
    let bundle = bundle(Mode::Break, 0, vec![BranchKind::PullRequest]);
    let findings = [
        ("yarn.lock lodash A high 2", Change::PreExisting),
        ("yarn.lock b B low 2", Change::Fixed),
    ];
    let report = judge(question(&findings, resolve_team(&bundle, "shop")));
    check(&report, Verdict::Alert, Verdict::Alert, 0);
    assert_eq!(report.notes, ["this change only fixes, and such a change always passes"]);
}

/// A campaign about `A` in `mode`, whose grace period ends in `hours`.
fn bundle(mode: Mode, hours: i64, branches: Vec<BranchKind>) -> Bundle {
    Bundle {
        schema: SCHEMA.to_owned(),
        organization: "0".repeat(32),
        version: 3,
        issued_at: NOW,
        expires_at: NOW + HOUR,
        kill_switch: false,
        poll_seconds: 60,
        telemetry: Telemetry { key: OrganizationKey::new([1; 32]), sink: None },
        otherwise: Mode::Observe,
        repositories: std::collections::BTreeMap::new(),
        rings: vec![Ring { name: "canary".to_owned(), teams: vec!["shop".to_owned()] }],
        treatments: Vec::new(),
        assigned: Vec::new(),
        rules: Vec::new(),
        advisories: Vec::new(),
        campaigns: vec![Campaign {
            id: "campaign-1".to_owned(),
            version: 2,
            title: "A has to go".to_owned(),
            advisories: vec!["A".to_owned()],
            rules: vec!["dependency-confusion".to_owned()],
            deadline: NOW + 100 * HOUR,
            contact: "security".to_owned(),
            words: None,
            link: None,
            branches,
            steps: vec![Step {
                ring: Some("canary".to_owned()),
                mode,
                since: NOW - 10 * HOUR,
                grace_hours: u32::try_from(10 + hours).unwrap(),
            }],
        }],
        gate: GateSettings::default(),
    }
}

#[test]
fn a_campaign_ends_what_was_there_before_once_its_grace_is_over() {
    use Verdict::{Alert, Break, Pass};
    let all = BranchKind::ALL.to_vec();
    let old = [("yarn.lock lodash A high 2", Change::PreExisting)];
    let of = |mode, hours, branches: &[BranchKind], team: &str| {
        let bundle = bundle(mode, hours, branches.to_vec());
        judge(question(&old, resolve_team(&bundle, team)))
    };
    check(&of(Mode::Alert, 0, &all, "shop"), Alert, Alert, 0);
    check(&of(Mode::Break, 0, &all, "shop"), Break, Break, 1);
    check(&of(Mode::Break, 1, &all, "shop"), Alert, Alert, 0);
    check(&of(Mode::Break, 0, &[BranchKind::Release], "shop"), Alert, Alert, 0);
    // A team whose ring has not been reached observes.
    check(&of(Mode::Break, 0, &all, "other"), Pass, Alert, 0);
    let counted = of(Mode::Break, 5, &all, "shop");
    assert_eq!(counted.findings[0].deadline, Some(Timestamp(NOW + 5 * HOUR)));
    assert_eq!(counted.findings[0].rule, "campaign-1@2");
    // What has no fix is nobody's to mend.
    let bundle = bundle(Mode::Break, 0, all);
    let unfixable = [("yarn.lock lodash A high", Change::PreExisting)];
    let report = judge(question(&unfixable, resolve_team(&bundle, "shop")));
    check(&report, Alert, Alert, 0);
}

#[test]
fn a_campaign_about_configuration_ends_builds_too() {
    let bundle = bundle(Mode::Break, 0, BranchKind::ALL.to_vec());
    let mut question = question(&[], resolve_team(&bundle, "shop"));
    question.scan.checks = vec![
        build_check("pip.conf dependency-confusion mixed a"),
        build_check("b/pip.conf dependency-confusion safe a"),
        build_check("c/pip.conf dependency-confusion unknown a"),
    ];
    question.compared = None;
    let report = judge(question);
    check(&report, Verdict::Break, Verdict::Break, 1);
    assert_eq!((report.findings.len(), report.checks.len()), (1, 2));
}

fn treatment(bundle: &mut Bundle, mode: Mode, arm: Arm) {
    bundle.campaigns.clear();
    bundle.treatments = vec![Treatment {
        id: "treatment-1".to_owned(),
        version: 1,
        surface: Surface::Build,
        moment: Moment::FirstReference,
        mode,
        rule: None,
        scope: Scope::All,
        threshold: None,
        words: Some("Ask us.".to_owned()),
        link: None,
    }];
    bundle.assigned = vec![Assigned {
        rollout: "rollout-1".to_owned(),
        treatment: "treatment-1".to_owned(),
        team: "shop".to_owned(),
        arm,
        is_live: true,
    }];
}

#[test]
fn a_holdout_is_told_nothing_and_what_would_have_been_is_known() {
    let new = [("yarn.lock lodash A high 2", Change::Introduced)];
    let of = |mode, arm| {
        let mut bundle = bundle(Mode::Alert, 0, Vec::new());
        treatment(&mut bundle, mode, arm);
        judge(question(&new, resolve_team(&bundle, "shop")))
    };
    check(&of(Mode::Break, Arm::Treated), Verdict::Break, Verdict::Break, 1);
    check(&of(Mode::Alert, Arm::Treated), Verdict::Alert, Verdict::Break, 0);
    check(&of(Mode::Break, Arm::Holdout), Verdict::Pass, Verdict::Break, 0);
    let held = of(Mode::Break, Arm::Holdout);
    assert_eq!((held.findings[0].mode, held.findings[0].words.clone()), (Mode::Observe, None));
    assert!(held.is_silent);
}

#[test]
fn what_cannot_be_verified_is_a_verdict_of_its_own() {
    let of = |findings: &[(&str, Change)], fails| {
        let mut it = question(findings, Resolution::observing(Why::NotBelieved));
        it.unverified = vec!["the bundle expired".to_owned()];
        it.fails_unverified = fails;
        judge(it)
    };
    check(&of(&[], false), Verdict::Unverified, Verdict::Pass, 0);
    check(&of(&[], true), Verdict::Unverified, Verdict::Pass, 2);
    let new = [("yarn.lock lodash A high 2", Change::Introduced)];
    check(&of(&new, false), Verdict::Unverified, Verdict::Break, 0);
}

#[test]
fn breaking_the_glass_is_recorded_whether_or_not_it_was_needed() {
    let glass = |text: &str| BreakGlass::read(text, Some("c".to_owned()), Timestamp(NOW));
    let of = |findings: &[(&str, Change)], text: &str| {
        let mut it = question(findings, Resolution::without_policy());
        it.break_glass = Some(glass(text));
        judge(it)
    };
    let new = [("yarn.lock lodash A high 2", Change::Introduced)];
    let report = of(&new, "OPS-7: the shop is down");
    check(&report, Verdict::BrokenGlass, Verdict::Break, 0);
    let it = report.break_glass.unwrap();
    assert_eq!((&*it.ticket, &*it.reason), ("OPS-7", "the shop is down"));
    assert_eq!(it.until, Timestamp(NOW + 24 * HOUR));
    let unneeded = of(&[], "OPS-7: the shop is down");
    check(&unneeded, Verdict::Pass, Verdict::Pass, 0);
    assert!(unneeded.break_glass.is_some());
    for wrong in ["OPS-7", "OPS-7:", ": because", "the shop is down: OPS", "A: b\nc"] {
        let report = of(&new, wrong);
        check(&report, Verdict::Break, Verdict::Break, 1);
        assert!(report.notes[0].starts_with("FIXLOOP_BREAK_GLASS does not hold: "), "{wrong}");
    }
}

#[test]
fn an_exception_that_nobody_answers_for_does_not_hold() {
    let accepted = |owner: Option<&str>, expires: Option<&str>| {
        let finding = finding("yarn.lock lodash A high 2");
        let place =
            fixloop_model::Place { path: "fixloop.toml".to_owned(), position: finding.position };
        let (owner, expires) = (owner.map(str::to_owned), expires.map(str::to_owned));
        let reason = "dead code".to_owned();
        fixloop_model::Suppressed { finding, check: None, place, reason, owner, expires }
    };
    let suppressed = vec![
        accepted(Some("shop"), Some("2027-01-31")),
        accepted(None, Some("2027-01-31")),
        accepted(None, None),
    ];
    let mut scan = Scan { suppressed, ..Scan::default() };
    let notes = take_back_bare_exceptions(&mut scan);
    assert_eq!((scan.suppressed.len(), scan.findings.len()), (1, 2));
    let expected = [
        "fixloop.toml:3: the exception for A has no `owner`, so it does not hold in a build",
        "fixloop.toml:3: the exception for A has no `owner` and no `expires`, so it does not hold in a build",
    ];
    assert_eq!(notes, expected);
}
