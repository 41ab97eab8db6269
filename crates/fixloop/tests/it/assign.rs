//! `fixloop experiment assign`, `verify` and `analyze --assignment`.

use std::fmt::Write as _;

use super::*;

fn path(folder: &TempDir, name: &str) -> String {
    folder.path().join(name).to_str().expect("a plain path").to_owned()
}

/// Twelve teams, two of them of one platform, and a history in which they differ.
fn inputs() -> TempDir {
    let mut teams = String::from("team,platform,kind\n");
    let mut history = String::from("team,time,status\n");
    for at in 0..12 {
        let platform = if at < 2 { "payments" } else { "" };
        let kind = if at % 2 == 0 { "web" } else { "core" };
        writeln!(teams, "team-{at:02},{platform},{kind}").expect("a string takes it");
        for finding in 0..6 + at {
            let time = 1 + (finding * 7 + at * 3) % 20;
            let status = u8::from(finding % 3 != 0);
            writeln!(history, "team-{at:02},{time},{status}").expect("a string takes it");
        }
    }
    folder(&[("teams.csv", teams.as_bytes()), ("history.csv", history.as_bytes())])
}

fn assign(inputs: &TempDir, more: &[&str]) -> Output {
    let (teams, into) = (path(inputs, "teams.csv"), path(inputs, "drawn"));
    let mut all = vec!["experiment", "assign", &teams, "--into", &into];
    all.extend(more);
    fixloop(&all)
}

fn verify(inputs: &TempDir) -> Output {
    fixloop(&["experiment", "verify", &path(inputs, "drawn")])
}

fn assignment(inputs: &TempDir) -> serde_json::Value {
    let text = fs::read_to_string(path(inputs, "drawn/assignment.json")).expect("it was written");
    serde_json::from_str(&text).expect("it is JSON")
}

/// A table of the experiment with the arms that were drawn; `change` may alter a team's arm, or leave it out.
fn table(inputs: &TempDir, change: impl Fn(usize, &str) -> Option<String>) -> String {
    let drawn = assignment(inputs);
    let mut text = String::from("team,arm,time,status,entry,day,limit\n");
    for unit in drawn["units"].as_array().expect("a list") {
        for team in unit["teams"].as_array().expect("a list") {
            let name = team.as_str().expect("a name");
            let at: usize = name.trim_start_matches("team-").parse().expect("a number");
            let Some(arm) = change(at, unit["arm"].as_str().expect("an arm")) else { continue };
            for finding in 0..8 {
                let time = 1 + (finding * 5 + at * 2) % 14;
                let status = u8::from(finding != 3);
                writeln!(text, "{name},{arm},{time},{status},,{finding},40")
                    .expect("a string takes it");
            }
        }
    }
    let path = path(inputs, "table.csv");
    fs::write(&path, text).expect("the folder is writable");
    path
}

fn analyze(inputs: &TempDir, table: &str, more: &[&str]) -> Output {
    let drawn = path(inputs, "drawn/assignment.json");
    let mut all = vec!["experiment", "analyze", table, "--assignment", &drawn, "--format", "json"];
    all.extend(more);
    fixloop(&all)
}

#[test]
fn every_design_is_drawn_and_verified() {
    for design in ["complete", "stratified", "pairs", "constrained", "inside-team"] {
        let inputs = inputs();
        let history = path(&inputs, "history.csv");
        let mut more = vec!["--design", design, "--public-nonce", "headline"];
        match design {
            "stratified" => more.extend(["--stratum", "kind", "--platform", "kind"]),
            "inside-team" => more.extend(["--platform", "team"]),
            _ => more.extend(["--history", &history, "--keep", "20"]),
        }
        if matches!(design, "stratified" | "inside-team") {
            // Each kind one platform, so two units in two strata: nothing to draw. Each team one: no platform is kept inside teams.
            assert_exit(&assign(&inputs, &more), 2);
            let teams = fs::read_to_string(path(&inputs, "teams.csv")).expect("it is there");
            fs::write(path(&inputs, "teams.csv"), teams.replace("payments", "")).expect("writable");
            more.truncate(more.len() - 2);
        }
        let output = assign(&inputs, &more);
        assert_exit(&output, 0);
        let output = verify(&inputs);
        assert_exit(&output, 0);
        assert!(stdout(&output).starts_with("The same, byte for byte: commitment "));
    }
}

#[test]
fn a_second_draw_is_refused() {
    let inputs = inputs();
    assert_exit(&assign(&inputs, &["--design", "complete"]), 0);
    let output = assign(&inputs, &["--design", "complete"]);
    assert_exit(&output, 2);
    assert!(stderr(&output).contains("holds an assignment"), "{}", stderr(&output));
}

#[test]
fn a_commitment_is_kept_by_the_draw() {
    let inputs = inputs();
    let committed = assign(&inputs, &["--design", "complete", "--commit-only"]);
    assert_exit(&committed, 0);
    let other = assign(&inputs, &["--design", "complete", "--alpha", "0.01"]);
    assert_exit(&other, 2);
    assert!(stderr(&other).contains("committed to another list"), "{}", stderr(&other));
    assert_exit(&assign(&inputs, &["--design", "complete", "--public-nonce", "headline"]), 0);
    let hash = stdout(&committed).lines().next().expect("a line").replace("commitment ", "");
    assert_eq!(assignment(&inputs)["commitment"], *hash);
    assert_exit(&verify(&inputs), 0);
}

#[test]
fn what_was_changed_afterwards_is_named() {
    let inputs = inputs();
    assert_exit(&assign(&inputs, &["--design", "complete"]), 0);
    let at = path(&inputs, "drawn/assignment.json");
    let text = fs::read_to_string(&at).expect("it is there");
    fs::write(&at, text.replacen("\"treated\"", "\"control\"", 1)).expect("writable");
    let output = verify(&inputs);
    assert_exit(&output, 1);
    assert!(stdout(&output).contains("drawn into treated"), "{}", stdout(&output));
    fs::remove_file(path(&inputs, "drawn/reveal.json")).expect("writable");
    assert_exit(&verify(&inputs), 2);
}

#[cfg(unix)]
#[test]
fn the_nonce_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let inputs = inputs();
    assert_exit(&assign(&inputs, &["--design", "complete"]), 0);
    let mode = fs::metadata(path(&inputs, "drawn/reveal.json")).expect("it is there");
    assert_eq!(mode.permissions().mode() & 0o777, 0o600);
    let public = fs::read_to_string(path(&inputs, "drawn/commitment.json")).expect("it is there");
    let secret = fs::read_to_string(path(&inputs, "drawn/reveal.json")).expect("it is there");
    let secret: serde_json::Value = serde_json::from_str(&secret).expect("it is JSON");
    assert!(!public.contains(secret["nonce"].as_str().expect("a nonce")));
}

#[test]
fn designs_that_can_show_nothing_are_refused() {
    let inputs = folder(&[("teams.csv", b"team\na\nb\nc\nd\ne\nf\n")]);
    let output = assign(&inputs, &["--design", "complete"]);
    assert_exit(&output, 2);
    insta::assert_snapshot!(stderr(&output), @r"
    error: with 6 units the smallest two-sided p is 0.100, so that no result could count at 0.05; 7 units could

    hint: add teams, draw findings inside teams (--design inside-team), or keep more assignments (--keep)
    ");
    assert!(!inputs.path().join("drawn").exists(), "nothing was committed to");
}

#[test]
fn a_test_compares_what_could_have_been_drawn() {
    let inputs = inputs();
    let history = path(&inputs, "history.csv");
    let more = ["--design", "constrained", "--history", &history, "--keep", "30"];
    assert_exit(&assign(&inputs, &more), 0);
    let drawn = assignment(&inputs);
    let table = table(&inputs, |_, arm| Some(arm.to_owned()));
    let output = analyze(&inputs, &table, &[]);
    assert_exit(&output, 0);
    assert_eq!(json(&output)["assignments"], drawn["accepted"]["kept"]);
    assert_eq!(json(&output)["min_p"], drawn["min_p"]);

    let (check, drawn) = (path(&inputs, "check"), path(&inputs, "drawn/assignment.json"));
    let all = ["experiment", "export", &table, "--assignment", &drawn, "--into", &check];
    assert_exit(&fixloop(&all), 0);
    if let Some(python) = experiment_export::script(&check, "python3", "check.py") {
        assert_exit(&python, 0);
    }
}

#[test]
fn tables_that_are_not_of_the_assignment() {
    let inputs = inputs();
    assert_exit(&assign(&inputs, &["--design", "complete"]), 0);
    let other = |arm: &str| if arm == "treated" { "control" } else { "treated" }.to_owned();

    let swapped = table(&inputs, |at, arm| Some(if at == 5 { other(arm) } else { arm.to_owned() }));
    let output = analyze(&inputs, &swapped, &[]);
    assert_exit(&output, 2);
    assert!(stderr(&output).contains("team-05 (drawn into "), "{}", stderr(&output));

    let all = table(&inputs, |_, arm| Some(other(arm)));
    let output = analyze(&inputs, &all, &[]);
    assert_exit(&output, 2);
    assert!(stderr(&output).contains("--treated names"), "{}", stderr(&output));
    assert_exit(&analyze(&inputs, &all, &["--treated", "control"]), 0);

    let fewer = table(&inputs, |at, arm| (at != 7).then(|| arm.to_owned()));
    let output = analyze(&inputs, &fewer, &[]);
    assert_exit(&output, 0);
    assert!(stderr(&output).contains("without a finding in the table: team-07"));

    let text = fs::read_to_string(&fewer).expect("it is there");
    fs::write(&fewer, format!("{text}stranger,control,3,1,,2,40\n")).expect("writable");
    let output = analyze(&inputs, &fewer, &[]);
    assert_exit(&output, 2);
    assert!(stderr(&output).contains("never assigned: stranger"), "{}", stderr(&output));

    // A finding that was open already counts from its entry on, so that only one of these was watched too early.
    let late = format!("{text}team-03,ARM,9,1,6,-5,40\nteam-03,ARM,9,1,2,-5,40\n");
    let arm = text.lines().find_map(|it| it.strip_prefix("team-03,")).expect("team 3 is there");
    let arm = arm.split(',').next().expect("an arm");
    fs::write(&fewer, late.replace("ARM", arm)).expect("writable");
    let output = analyze(&inputs, &fewer, &[]);
    assert_exit(&output, 2);
    assert!(stderr(&output).contains("): 1, the first of team `team-03`"), "{}", stderr(&output));
}

#[test]
fn lists_that_cannot_be_read() {
    for (text, says) in [
        (&b""[..], "no column `team`"),
        (b"name\na\n", "no column `team`"),
        (b"team\n", "there is no team to assign"),
        (b"team\na\na\n", "team `a` is in the list twice"),
        (b"team,x\na,1\nb\n", "failed to read"),
        (b"team\n\xff\n", "failed to read"),
    ] {
        let inputs = folder(&[("teams.csv", text)]);
        let output = assign(&inputs, &["--design", "complete"]);
        assert_exit(&output, 2);
        assert!(stderr(&output).contains(says), "{says}: {}", stderr(&output));
    }
}
