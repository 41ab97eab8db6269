//! `fixloop experiment analyze` as people read it.

use fixloop_test_support::shared;

use super::*;

/// Each team's findings are fixed after a rule of its own; in a third of them nobody did anything.
fn pilot(n_teams: usize, treated: &str, status: &str) -> String {
    let row = |team: usize, at: usize| {
        let (arm, pace) = if team.is_multiple_of(2) { ("control", 9) } else { (treated, 3) };
        let time = pace + (at * 5 + team * 3) % 7;
        let status = if at.is_multiple_of(3) { "0" } else { status };
        format!("<b>team {team}</b>,{arm},high,{time},{status},40\n")
    };
    let rows = (0..n_teams).flat_map(|team| (0..9).map(move |at| row(team, at)));
    format!("team,arm,stratum,time,status,limit\n{}", rows.collect::<String>())
}

fn analyze(table: &str, more: &[&str]) -> Output {
    let folder = folder(&[("pilot.csv", table.as_bytes())]);
    let path = folder.path().join("pilot.csv");
    let mut arguments = vec!["experiment", "analyze", path.to_str().expect("a plain path")];
    arguments.extend(more);
    fixloop(&arguments)
}

#[test]
fn every_format_says_the_same() {
    let table = pilot(12, "alert", "1");
    let output = analyze(&table, &["--format", "json"]);
    assert_exit(&output, 0);
    let document = json(&output);
    let says = document["says"].as_str().expect("a verdict");
    assert!(document["interval"]["high"].as_f64().is_some_and(|it| it < 1.0), "{document}");
    let text = stdout(&analyze(&table, &[])).replace('\n', " ");
    assert!(text.contains(says), "{says}: {text}");
    for format in ["markdown", "html"] {
        let output = analyze(&table, &["--format", format]);
        assert_exit(&output, 0);
        let shown = stdout(&output).replace('\u{202f}', " ").replace("**", "");
        let (_, sentence) = says.split_once(". ").unwrap_or(("", says));
        let sentence = sentence.split_once('.').map_or(sentence, |it| it.0);
        assert!(shown.contains(sentence), "{format}: {sentence}");
        assert!(!shown.contains("<b>"), "{format}");
    }
}

#[test]
fn a_page_without_an_interval_shows_no_effect() {
    for (table, reason) in [
        (pilot(6, "alert", "1"), "no ratio is ruled out"),
        (pilot(12, "alert", "0"), "nothing was fixed in either arm"),
        (pilot(12, "alert", "1").replace(",limit", ",note"), "nobody knows up to which age"),
    ] {
        for format in ["text", "markdown", "html"] {
            let output = analyze(&table, &["--format", format]);
            assert_exit(&output, 0);
            let shown = stdout(&output).replace("\n  ", " ");
            assert!(shown.contains("No interval."), "{format} {reason}: {shown}");
            assert!(shown.contains(reason), "{format} {reason}: {shown}");
            assert!(!shown.contains("% sooner") && !shown.contains("best guess"), "{format}");
        }
        let document = json(&analyze(&table, &["--format", "json"]));
        assert!(document["time_ratio"].is_null(), "{document}");
    }
}

#[test]
fn the_reference_pilot_in_words() {
    let Some(folder) = shared::file("data/stats_reference/data") else { return };
    let path = folder.join("fixtimes.csv");
    let output =
        fixloop(&["experiment", "analyze", path.to_str().expect("a plain path"), "--running"]);
    assert_exit(&output, 0);
    let text = stdout(&output);
    let verdict: Vec<&str> = text.lines().take(5).collect();
    insta::assert_snapshot!(verdict.join("\n"), @r"
    fixtimes.csv
    Cannot tell yet. Fixes came 41 % sooner in the “1” teams, but teams differ so much that
    anything from 59 % sooner to 43 % later fits: 12 teams, p = 0.199. Not known to be safe:
    dismissal, others.
      → persevere: the interval still holds effects of both kinds, and there is time left
    ");
}
