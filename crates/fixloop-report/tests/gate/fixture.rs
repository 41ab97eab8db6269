//! Reports of a gate: one with everything in it, and one in which every foreign text is hostile.

use fixloop_gate::{BreakGlass, GateFinding, PolicyState, Report, Subject, Verdict};
use fixloop_model::{
    Base, BuildCheck, CheckState, Class, Finding, IndexSummary, Place, Position, Rating, Severity,
    SeveritySource, Suppressed, Timestamp, Unknown, UnknownKind,
};
use fixloop_policy::{BranchKind, Change, Mode};

pub(crate) const HOUR: i64 = 3_600_000_000;
/// 2026-12-02 14:00 UTC.
pub(crate) const NOW: Timestamp = Timestamp(1_796_220_000_000_000);

/// What a foreign text could be.
pub(crate) const HOSTILE: &str = "::error::pwned\r\n::add-mask::x\n##[error]y ##vso[task.setvariable variable=z]w%0A%25%3A,;]<script>alert('x')</script>&\"]]>\u{1b}[31m\u{202e}@angular/core ![i](https://evil.example/i) www.evil.example `code` ``` <!-- | *b* {0} $(id)'";

pub(crate) fn package(name: &str, version: &str, id: &str, line: u32) -> Finding {
    let place =
        Place { path: "package-lock.json".to_owned(), position: Position { line, column: 18 } };
    Finding {
        ecosystem: "npm".to_owned(),
        name: name.to_owned(),
        version: version.to_owned(),
        ids: vec![id.to_owned(), format!("CVE-2026-{line:04}")],
        url: format!("https://advisories.example/{id}"),
        direct: Some(true),
        ..Finding::of_file(
            Class::Vulnerability,
            name.to_owned(),
            format!("{name} does not check its input"),
            place,
        )
    }
}

pub(crate) fn rated(rating: Rating, score_tenths: u8, finding: Finding) -> Finding {
    let vector = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H".to_owned();
    let source = SeveritySource::Cvss { version: "3.1", score_tenths, vector };
    Finding { severity: Some(Severity { rating, source }), ..finding }
}

pub(crate) fn fixed_in(version: &str, finding: Finding) -> Finding {
    let version = Some(version.to_owned());
    Finding { fixed_in: version.clone(), fixed_version: version, ..finding }
}

pub(crate) fn told(subject: Subject, change: Change, mode: Mode) -> GateFinding {
    GateFinding {
        subject,
        change,
        mode,
        is_told: true,
        rule: "treatment-1@3".to_owned(),
        reason: "the team is treated, and its ring is live".to_owned(),
        words: None,
        link: None,
        deadline: None,
    }
}

pub(crate) fn of_package(finding: Finding, change: Change, mode: Mode) -> GateFinding {
    told(Subject::Package(Box::new(finding)), change, mode)
}

pub(crate) fn check(state: CheckState, path: &str, evidence: &str) -> BuildCheck {
    BuildCheck {
        rule: "dependency-confusion".to_owned(),
        state,
        severity: Some(Rating::High),
        summary: "private names can be answered by a public registry".to_owned(),
        fix: "replace extra-index-url by index-url".to_owned(),
        url: "https://docs.example/confusion".to_owned(),
        path: path.to_owned(),
        line: Some(3),
        evidence: evidence.to_owned(),
    }
}

/// What a build rule found, and somebody accepts.
fn accepted_check() -> Suppressed {
    let check = check(CheckState::Mixed, "tools/pip.conf", "extra-index-url = https://x.example");
    let position = Position { line: 3, column: 1 };
    let place = Place { path: check.path.clone(), position };
    let (rule, summary) = (check.rule.clone(), check.summary.clone());
    Suppressed {
        finding: Finding::of_file(Class::BuildRule, rule, summary, place),
        check: Some(Box::new(check)),
        place: Place {
            path: "fixloop.toml".to_owned(),
            position: Position { line: 12, column: 1 },
        },
        reason: "the index passes on nothing else".to_owned(),
        owner: Some("team-tools".to_owned()),
        expires: Some("2027-02-28".to_owned()),
    }
}

/// Nothing to say.
pub(crate) fn clean() -> Report {
    Report {
        verdict: Verdict::Pass,
        would: Verdict::Pass,
        unverified: Vec::new(),
        branch: BranchKind::PullRequest,
        base: Some(Base {
            revision: "origin/main".to_owned(),
            merge_base: "0123456789abcdef0123456789abcdef01234567".to_owned(),
        }),
        policy: PolicyState::default(),
        findings: Vec::new(),
        suppressed: Vec::new(),
        checks: Vec::new(),
        unknown: Vec::new(),
        notes: Vec::new(),
        break_glass: None,
        fails_unverified: false,
        is_silent: false,
        now: NOW,
        index: Some(IndexSummary {
            n_records: 245_301,
            as_of: Some(Timestamp(NOW.0 - 30 * HOUR)),
            path: Some("/data/advisories.index".to_owned()),
        }),
        folder: String::new(),
    }
}

/// Every kind of finding in every state.
pub(crate) fn rich() -> Report {
    Report {
        verdict: Verdict::Break,
        would: Verdict::Break,
        policy: PolicyState {
            version: Some(7),
            team: Some("payments".to_owned()),
            ring: Some("ring-1".to_owned()),
            trouble: None,
        },
        findings: findings(),
        suppressed: vec![
            Suppressed {
                check: None,
                finding: fixed_in("2.0.1", package("qs", "1.0.0", "GHSA-qqqq", 90)),
                place: Place {
                    path: "fixloop.toml".to_owned(),
                    position: Position { line: 4, column: 1 },
                },
                reason: "only our own strings are parsed".to_owned(),
                owner: Some("team-web".to_owned()),
                expires: Some("2027-01-31".to_owned()),
            },
            accepted_check(),
        ],
        checks: vec![
            check(CheckState::Safe, ".npmrc", "@acme:registry=https://npm.acme.example"),
            check(
                CheckState::Unknown,
                "jobs/pip.conf",
                "the value of `index-url` comes from the environment",
            ),
        ],
        unknown: vec![Unknown {
            kind: UnknownKind::File,
            path: Some("web/pom.xml".to_owned()),
            line: Some(12),
            name: None,
            reason: "the parent `corp-parent` is not in this folder".to_owned(),
        }],
        folder: "shop".to_owned(),
        ..clean()
    }
}

fn findings() -> Vec<GateFinding> {
    let lodash = |id, rating, tenths| {
        fixed_in("4.17.21", rated(rating, tenths, package("lodash", "4.17.15", id, 12)))
    };
    let evil =
        Finding { class: Class::Malicious, ..package("evil-pkg", "1.0.1", "MAL-2026-77", 40) };
    let confused = BuildCheck {
        path: "jobs/requirements.txt".to_owned(),
        ..check(CheckState::Affected, "", "--extra-index-url https://pypi.acme.example/simple")
    };
    let ip = rated(Rating::High, 81, package("ip", "2.0.0", "GHSA-iiii", 55));
    let minimist = fixed_in(
        "1.2.8",
        rated(Rating::Critical, 98, package("minimist", "1.2.0", "GHSA-mmmm", 60)),
    );
    let axios = fixed_in("1.7.4", package("axios", "0.21.0", "GHSA-aaaa", 8));
    let hidden = fixed_in("9.9.9", package("held-out", "1.0.0", "GHSA-hhhh", 70));
    let hidden_fixed = fixed_in("9.9.9", package("held-out-too", "1.0.0", "GHSA-hhhi", 71));
    let campaign = |it: GateFinding, reason: &str, deadline| GateFinding {
        rule: "campaign-1@2".to_owned(),
        reason: reason.to_owned(),
        words: Some("Private packages can be taken over; ask #supply-chain for help.".to_owned()),
        link: Some("https://wiki.example/campaign-1".to_owned()),
        deadline: Some(Timestamp(deadline)),
        ..it
    };
    let no_fix = "there is no fix yet, so it is watched and ends no build";
    vec![
        GateFinding {
            rule: "built-in".to_owned(),
            reason: "no policy is configured, so the built-in one decides".to_owned(),
            ..of_package(evil, Change::Introduced, Mode::Break)
        },
        of_package(lodash("GHSA-p6mc", Rating::Critical, 91), Change::Introduced, Mode::Break),
        of_package(lodash("GHSA-35jh", Rating::High, 72), Change::Introduced, Mode::Break),
        campaign(
            told(Subject::Build(Box::new(confused)), Change::PreExisting, Mode::Break),
            "the campaign's grace period is over",
            NOW.0 - 50 * HOUR,
        ),
        campaign(
            of_package(minimist, Change::PreExisting, Mode::Alert),
            "it was there before, and may stay until the grace period ends",
            NOW.0 + 75 * HOUR,
        ),
        GateFinding {
            reason: no_fix.to_owned(),
            ..of_package(ip, Change::NewlyDisclosed, Mode::Alert)
        },
        GateFinding {
            is_told: false,
            reason: "the team is in the treatment's holdout".to_owned(),
            ..of_package(hidden, Change::Introduced, Mode::Observe)
        },
        of_package(axios, Change::Fixed, Mode::Observe),
        GateFinding { is_told: false, ..of_package(hidden_fixed, Change::Fixed, Mode::Observe) },
    ]
}

pub(crate) fn glass() -> BreakGlass {
    BreakGlass {
        ticket: "PAY-12".to_owned(),
        reason: "payouts are down, the fix follows today".to_owned(),
        commit: Some("89abcdef".to_owned()),
        until: Timestamp(NOW.0 + 24 * HOUR),
    }
}

fn hostile_text() -> String {
    HOSTILE.to_owned()
}

fn hostile_finding(mode: Mode, change: Change) -> GateFinding {
    let text = hostile_text;
    let finding = Finding {
        name: text(),
        version: text(),
        ids: vec![text()],
        path: text(),
        summary: text(),
        url: format!("https://x.example/{HOSTILE}"),
        fixed_version: Some(text()),
        ..package("x", "1", "y", 1)
    };
    GateFinding {
        rule: text(),
        reason: text(),
        words: Some(text()),
        link: Some(format!("https://x.example/{HOSTILE}")),
        ..of_package(finding, change, mode)
    }
}

fn hostile_check(state: CheckState) -> BuildCheck {
    let text = hostile_text;
    BuildCheck {
        rule: text(),
        summary: text(),
        fix: text(),
        url: text(),
        path: text(),
        evidence: text(),
        ..check(state, "", "")
    }
}

/// Every text that a repository, an index or a policy could bring.
pub(crate) fn hostile() -> Report {
    let text = hostile_text;
    let mixed = Subject::Build(Box::new(hostile_check(CheckState::Mixed)));
    let Subject::Package(suppressed) = hostile_finding(Mode::Alert, Change::Introduced).subject
    else {
        unreachable!("it is a package")
    };
    let place = Place { path: text(), position: Position { line: 1, column: 1 } };
    let unknown = Unknown {
        kind: UnknownKind::Component,
        path: Some(text()),
        line: None,
        name: Some(text()),
        reason: text(),
    };
    Report {
        base: Some(Base { revision: text(), merge_base: text() }),
        policy: PolicyState {
            version: Some(1),
            team: Some(text()),
            ring: Some(text()),
            trouble: Some(text()),
        },
        findings: vec![
            hostile_finding(Mode::Break, Change::Introduced),
            told(mixed, Change::Worsened, Mode::Break),
            hostile_finding(Mode::Alert, Change::PreExisting),
            hostile_finding(Mode::Observe, Change::Fixed),
        ],
        suppressed: vec![Suppressed {
            check: None,
            finding: *suppressed,
            place,
            reason: text(),
            owner: Some(text()),
            expires: Some("2027-01-31".to_owned()),
        }],
        checks: vec![hostile_check(CheckState::Unknown)],
        unknown: vec![unknown],
        folder: text(),
        unverified: vec![text()],
        notes: vec![text()],
        break_glass: Some(BreakGlass { ticket: text(), reason: text(), commit: None, until: NOW }),
        ..rich()
    }
}

/// More than any page holds.
pub(crate) fn many(n: u32) -> Report {
    let finding = |line| {
        let name = format!("package-{line}-{}", "x".repeat(60));
        let it = fixed_in(
            "2.0.0",
            rated(Rating::High, 75, package(&name, "1.0.0", &format!("GHSA-{line}"), line)),
        );
        of_package(it, Change::Introduced, Mode::Break)
    };
    Report { findings: (1..=n).map(finding).collect(), ..rich() }
}
