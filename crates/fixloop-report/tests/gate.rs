//! The gate's outputs as people and machines read them. What validators check afterwards lies in the target folder's `tmp/gate`.

#[path = "gate/fixture.rs"]
mod fixture;

use std::fs;
use std::io;
use std::path::Path;

use fixloop_gate::{Report, Subject, Verdict};
use fixloop_model::{CheckState, Timestamp};
use fixloop_policy::{Change, Mode};
use fixloop_report::{
    write_gate_azure, write_gate_github, write_gate_json, write_gate_junit, write_gate_markdown,
    write_gate_sarif, write_gate_summary, write_gate_text,
};
use serde_json::Value;

use fixture::{check, clean, fixed_in, glass, hostile, many, of_package, package, rich, told};

type Write = fn(&Report, &mut dyn io::Write) -> io::Result<()>;

const FOR_PEOPLE: &[(&str, Write)] = &[
    ("text", write_gate_text),
    ("github", write_gate_github),
    ("azure", write_gate_azure),
    ("junit", write_gate_junit),
    ("markdown", write_gate_markdown),
    ("summary", write_gate_summary),
    ("sarif", write_gate_sarif),
];

fn written(write: Write, report: &Report) -> String {
    let mut out = Vec::new();
    write(report, &mut out).expect("a vector takes everything");
    String::from_utf8(out).expect("all outputs are UTF-8")
}

/// Without terminal styles, as a log has it.
fn text(report: &Report) -> String {
    let text = written(write_gate_text, report);
    let mut pieces = text.split('\u{1b}');
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |text, piece| text + piece.split_once('m').map_or(piece, |(_, rest)| rest))
}

fn json(write: Write, report: &Report) -> Value {
    serde_json::from_str(&written(write, report)).expect("it is JSON")
}

/// The line that says what happens now.
#[track_caller]
fn check_last(report: &Report, expected: &str) {
    assert_eq!(text(report).lines().last(), Some(expected));
}

#[test]
fn text_of_everything() {
    insta::assert_snapshot!(text(&rich()));
}

#[test]
fn github_of_everything() {
    insta::assert_snapshot!(written(write_gate_github, &rich()));
}

#[test]
fn azure_of_everything() {
    insta::assert_snapshot!(written(write_gate_azure, &rich()));
}

#[test]
fn junit_of_everything() {
    insta::assert_snapshot!(written(write_gate_junit, &rich()));
}

#[test]
fn markdown_of_everything() {
    insta::assert_snapshot!(written(write_gate_markdown, &rich()));
}

#[test]
fn json_of_everything() {
    insta::assert_snapshot!(written(write_gate_json, &rich()));
}

#[test]
fn sarif_of_everything() {
    insta::assert_snapshot!(written(write_gate_sarif, &rich()));
}

#[test]
fn hostile_text_in_markdown() {
    insta::assert_snapshot!(written(write_gate_markdown, &hostile()));
}

#[test]
fn the_last_line_says_what_happens_now() {
    check_last(&clean(), "pass: this build goes on");
    let fixed = || vec![of_package(package("a", "1", "GHSA-a", 1), Change::Fixed, Mode::Observe)];
    check_last(
        &Report { findings: fixed(), ..clean() },
        "pass: this build goes on; 1 thing fixed by this change",
    );
    check_last(
        &Report { unknown: rich().unknown, ..clean() },
        "pass: this build goes on; 1 check could not be made",
    );
    check_last(
        &rich(),
        "break: this build ends here (exit code 1) until 3 things are fixed; 2 more to look at",
    );
    check_last(
        &Report { verdict: Verdict::BrokenGlass, break_glass: Some(glass()), ..rich() },
        "broken glass: this build goes on although 3 things would end it; PAY-12 answers for this commit until 2026-12-03 14:00 UTC (in 24 hours), on record: payouts are down, the fix follows today",
    );
    let mut alert = Report { verdict: Verdict::Alert, ..rich() };
    alert.findings.retain(|it| it.mode != Mode::Break);
    check_last(
        &alert,
        "alert: this build goes on, with 2 things to look at; builds end from 2026-12-05 17:00 UTC (in 3 days)",
    );
    let unverified = || Report {
        verdict: Verdict::Unverified,
        unverified: vec!["the clone is too shallow to hold the merge-base".to_owned()],
        ..clean()
    };
    check_last(
        &unverified(),
        "unverified: this build goes on unchecked, for what would have been done is not known: the clone is too shallow to hold the merge-base",
    );
    check_last(
        &Report { fails_unverified: true, ..unverified() },
        "unverified: this build ends here (exit code 2), for what would have been done is not known: the clone is too shallow to hold the merge-base",
    );
}

#[test]
fn one_upgrade_is_told_once() {
    let of = |id, mode| {
        let it = fixed_in("2", package("a", "1", id, 1));
        of_package(it, Change::Introduced, mode)
    };
    let findings = vec![of("GHSA-a", Mode::Break), of("GHSA-b", Mode::Alert)];
    let report = Report { verdict: Verdict::Break, findings, ..clean() };
    check_last(&report, "break: this build ends here (exit code 1) until 1 thing is fixed");
    assert!(text(&report).starts_with("BREAK  a 1 is vulnerable: GHSA-a and 1 more\n"));
}

#[test]
fn an_unverified_build_is_said_loudly() {
    let report = Report {
        verdict: Verdict::Unverified,
        unverified: vec!["no merge-base".to_owned()],
        ..clean()
    };
    insta::assert_snapshot!(written(write_gate_github, &report), @r"
    ::warning title=fixloop could not verify this build::unverified: this build goes on unchecked, for what would have been done is not known: no merge-base
    unverified: this build goes on unchecked, for what would have been done is not known: no merge-base
    ");
    let azure = written(write_gate_azure, &Report { fails_unverified: true, ..report });
    assert!(
        azure.starts_with("##vso[task.logissue type=error]fixloop could not verify this build: ")
    );
}

#[test]
fn a_holdout_is_told_of_nothing() {
    for (name, write) in FOR_PEOPLE {
        let out = written(*write, &rich());
        assert!(!out.contains("held-out"), "{name}: {out}");
    }
    let silent = Report { is_silent: true, verdict: Verdict::Pass, ..rich() };
    for (name, write) in FOR_PEOPLE {
        let out = written(*write, &silent);
        let n_said = ["lodash", "GHSA", "confusion", "axios", "qs", "pom.xml", "payments"];
        assert!(n_said.iter().all(|it| !out.contains(it)), "{name}: {out}");
    }
    let findings = json(write_gate_json, &silent);
    assert_eq!(findings["findings"].as_array().map(Vec::len), Some(9), "scripts see all of them");
    assert_eq!(findings["findings"][0]["told"], false);
}

#[test]
fn hostile_text_commands_no_runner() {
    for (name, write) in [
        ("text", text as fn(&Report) -> String),
        ("github", |it| written(write_gate_github, it)),
        ("azure", |it| written(write_gate_azure, it)),
        ("markdown", |it| written(write_gate_markdown, it)),
        ("junit", |it| written(write_gate_junit, it)),
    ] {
        let out = text_without_ours(name, &write(&hostile()));
        for line in out.lines() {
            assert!(!line.trim_start().starts_with("::"), "{name}: {line}");
            assert!(!line.contains("##[") && !line.contains("##vso["), "{name}: {line}");
            assert!(!line.contains(['\r', '\u{1b}', '\u{202e}']), "{name}: {line}");
        }
    }
}

/// What is left when one command is taken from the start of each line.
fn text_without_ours(name: &str, out: &str) -> String {
    let rest = |line: &str| match name {
        "github" if line.starts_with("::") => {
            let (head, data) = line[2..].split_once("::").expect("a command has data");
            let properties = head.split_once(' ').map_or("", |(_, it)| it);
            for it in properties.split(',') {
                let key = it.split('=').next().unwrap_or_default();
                assert!(["file", "line", "title"].contains(&key), "{line}");
            }
            assert!(!data.contains("%0A"), "only an escaped percent sign: {line}");
            format!("data {data}")
        }
        "azure" if line.starts_with("##vso[") => {
            let (head, data) = line[6..].split_once(']').expect("a command ends");
            for it in head.trim_start_matches("task.logissue ").split(';') {
                let key = it.split('=').next().unwrap_or_default();
                assert!(["type", "sourcepath", "linenumber", "code"].contains(&key), "{line}");
            }
            format!("data {data}")
        }
        _ => line.to_owned(),
    };
    out.lines().map(rest).collect::<Vec<_>>().join("\n")
}

#[test]
fn hostile_text_is_no_markup() {
    let markdown = written(write_gate_markdown, &hostile());
    for line in markdown.lines() {
        // Code spans hold anything; what is left of a line holds nothing that means something.
        let prose = without_code(line).replace("\\<", "");
        assert!(!prose.contains("<script") && !prose.contains("@angular"), "{line}");
        assert!(!prose.contains("https://evil") && !prose.contains("www.evil"), "{line}");
        assert!(!prose.contains("![") || prose.contains("\\!"), "{line}");
    }
    let xml = written(write_gate_junit, &hostile());
    assert!(!xml.contains("<script") && !xml.contains("]]>"), "{xml}");
    let sarif = json(write_gate_sarif, &hostile());
    let uri = sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str();
    assert!(uri.is_some_and(|it| it.bytes().all(|it| it.is_ascii_graphic() && it != b':')));
}

/// As `CommonMark` finds code spans: a run of backticks up to the next run of the same length.
fn without_code(line: &str) -> String {
    let mut prose = String::new();
    let mut rest = line;
    while let Some(at) = rest.find('`') {
        if rest[..at].ends_with('\\') {
            prose.push_str(&rest[..=at]);
            rest = &rest[at + 1..];
            continue;
        }
        let n = rest[at..].bytes().take_while(|it| *it == b'`').count();
        prose.push_str(&rest[..at]);
        let mut after = &rest[at + n..];
        loop {
            let Some(next) = after.find('`') else { return prose + rest };
            let m = after[next..].bytes().take_while(|it| *it == b'`').count();
            after = &after[next + m..];
            if m == n {
                break;
            }
        }
        rest = after;
    }
    prose + rest
}

#[test]
fn what_is_too_much_is_counted() {
    let report = many(7000);
    let github = written(write_gate_github, &report);
    assert_eq!(github.lines().filter(|it| it.starts_with("::error ")).count(), 10);
    assert!(github.contains("::notice title=fixloop%3A +6990 more::"), "{github}");
    let markdown = written(write_gate_markdown, &report);
    assert!(markdown.len() <= 64 * 1024 && markdown.len() > 60 * 1024, "{}", markdown.len());
    assert!(markdown.contains(" more are left out here: "));
    assert!(markdown.contains("FIXLOOP_BREAK_GLASS"), "what to do is never cut");
    let summary = written(write_gate_summary, &report);
    assert!(summary.len() < 1024 * 1024 && summary.len() > 1000 * 1024, "{}", summary.len());
    let run = &json(write_gate_sarif, &report)["runs"][0];
    assert_eq!(run["results"].as_array().map(Vec::len), Some(5000));
    let note = &run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"];
    assert_eq!(note, "2002 more results are not in this file, which holds the 5000 hardest.");
    assert!(text(&report).lines().count() < 150);
}

#[test]
fn a_fingerprint_stays_when_lines_move() {
    let fingerprints = |lines: [u32; 2]| {
        let finding = |line, version| {
            let it = fixed_in("4.17.21", package("lodash", version, "GHSA-p6mc", line));
            of_package(it, Change::Introduced, Mode::Break)
        };
        let findings = vec![finding(lines[0], "4.17.15"), finding(lines[1], "4.17.11")];
        let document = json(write_gate_sarif, &Report { findings, ..clean() });
        let results = document["runs"][0]["results"].as_array().cloned().unwrap_or_default();
        results.iter().map(|it| it["partialFingerprints"].to_string()).collect::<Vec<_>>()
    };
    let before = fingerprints([12, 300]);
    assert_eq!(before, fingerprints([13, 7]));
    assert_ne!(before[0], before[1], "the same advisory twice is two alerts");
}

#[test]
fn a_deadline_is_counted_down() {
    let by = |hours: i64| {
        let it = fixed_in("2", package("a", "1", "GHSA-a", 1));
        let deadline = Some(Timestamp(fixture::NOW.0 + hours * fixture::HOUR));
        let it = told(Subject::Package(Box::new(it)), Change::PreExisting, Mode::Alert);
        let report = Report {
            findings: vec![fixloop_gate::GateFinding { deadline, ..it }],
            verdict: Verdict::Alert,
            ..clean()
        };
        let text = text(&report);
        text.lines().find_map(|it| it.trim().strip_prefix("when ")).unwrap_or_default().to_owned()
    };
    assert_eq!(by(100), "ends builds from 2026-12-06 18:00 UTC (in 4 days)");
    assert_eq!(by(1), "ends builds from 2026-12-02 15:00 UTC (in 1 hour)");
    assert_eq!(by(0), "its grace period ended on 2026-12-02 14:00 UTC (now)");
    assert_eq!(by(-49), "its grace period ended on 2026-11-30 13:00 UTC (2 days ago)");
}

/// The validators of `.ci/validate.py` read what this writes.
#[test]
fn outputs_for_validators() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("gate");
    fs::create_dir_all(&folder).unwrap();
    let glass = Report { verdict: Verdict::BrokenGlass, break_glass: Some(glass()), ..rich() };
    let silent = Report { is_silent: true, verdict: Verdict::Pass, ..rich() };
    for (name, report) in [
        ("clean", clean()),
        ("rich", rich()),
        ("glass", glass),
        ("silent", silent),
        ("hostile", hostile()),
        ("many", many(5100)),
    ] {
        for (extension, write) in
            FOR_PEOPLE.iter().copied().chain([("json", write_gate_json as Write)])
        {
            fs::write(folder.join(format!("{name}.{extension}")), written(write, &report)).unwrap();
        }
    }
}

#[test]
fn the_way_out_of_a_build_rule_is_an_exception_of_its_own() {
    let confused = check(CheckState::Mixed, "jobs/pip.conf", "extra-index-url = x");
    let finding = told(Subject::Build(Box::new(confused)), Change::Introduced, Mode::Break);
    let report = Report { verdict: Verdict::Break, findings: vec![finding], ..clean() };
    let expected = "fixloop exception add --rule dependency-confusion --path jobs/pip.conf";
    assert!(text(&report).contains(expected), "{}", text(&report));
    assert!(written(write_gate_markdown, &report).contains(expected));
}
