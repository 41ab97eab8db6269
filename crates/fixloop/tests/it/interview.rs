//! `fixloop interview` and `fixloop program` over a data directory with real mirrors.

use std::io::Write;
use std::process::Stdio;

use fixloop_store::{IncomingBatch, Store, StoredEvent};
use tempfile::TempDir;

use super::*;
use crate::repository::{Repository, index, package_lock};

const NOW: &str = "2024-12-31T12:00:00Z";

/// A data directory with the mirrors of two teams, an active key result and a framed hypothesis.
struct Programme {
    folder: TempDir,
    /// Their folders stay while they are there.
    repositories: Vec<Repository>,
}

impl Programme {
    /// In `shop` of team web the upgrade of alpha on 11 October is undone after four days; `blog` of team docs upgrades in twenty days.
    fn new(believe: &str) -> Self {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        let data = folder.path().join("data");
        fs::create_dir_all(&data).expect("writable");
        let records = [("GHSA-aaaa", "alpha", "2.0.0", "2020-01-01T00:00:00Z")];
        let index = index(folder.path(), &records);
        fs::rename(index, data.join("advisories.index")).expect("writable");
        let shop = Repository::new("shop");
        shop.write("README.md", "x").commit("09-01");
        let lock = |of: &Repository, version: &str, day: &str| {
            let packages = format!("alpha@{version}");
            of.write("package-lock.json", &package_lock(&[&packages])).commit(day);
        };
        lock(&shop, "1.0.0", "10-01");
        lock(&shop, "2.1.0", "10-11");
        lock(&shop, "1.0.0", "10-15");
        lock(&shop, "2.2.0", "12-10");
        let blog = Repository::new("blog");
        blog.write("README.md", "x").commit("09-01");
        lock(&blog, "1.0.0", "11-01");
        lock(&blog, "2.0.0", "11-21");
        let it = Self { folder, repositories: vec![shop, blog] };
        let url = |it: &Repository| format!("file://{}", it.path().display());
        let list = format!(
            "name,url,team\nshop,{},web\nblog,{},docs\n",
            url(&it.repositories[0]),
            url(&it.repositories[1])
        );
        let list = it.file("list.csv", &list);
        let fleet = data.join("fleet").to_str().expect("a plain path").to_owned();
        assert_exit(&it.run(&["fleet", "sync", &list, "--into", &fleet]), 0);
        let created = it.run(&[
            "okr",
            "create",
            "--objective",
            "fix vulnerable packages faster",
            "--target",
            "-20%",
            "--by",
            "2025-03-31",
            "--owner",
            "Laura",
        ]);
        assert_exit(&created, 0);
        let create = ["hypothesis", "create", "--key-result", "kr-1", "--believe", believe];
        assert_exit(&it.run(&create), 0);
        it
    }

    fn framed() -> Self {
        let it = Self::new("teams are slow because upgrades break");
        let frame = ["hypothesis", "frame", "problem-1", "--predict", "upgrade-regressions"];
        assert_exit(&it.run(&frame), 0);
        it
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().expect("a plain path").to_owned()
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        fs::write(&path, content).expect("writable");
        path
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fixloop"));
        command
            .args(arguments)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.folder.path())
            .env("FIXLOOP_DATA", self.folder.path().join("data"))
            .env("FIXLOOP_ACTOR", "Laura")
            .env("FIXLOOP_NOW", NOW);
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("the binary starts")
    }

    /// The page of a team, filled in.
    fn page(&self, team: &str, quote: &str) -> String {
        let path = self.path(&format!("{team}-{}.md", quote.len()));
        let new = ["interview", "new", "problem-1", "--team", team, "--into", &path];
        assert_exit(&self.run(&new), 0);
        let page = fs::read_to_string(&path).expect("it was written");
        let page = page
            .replace("date: (2026-03-31)", "date: 2024-12-30")
            .replace("stance: (for, against or neither)", "stance: against")
            .replace("\n>\n", &format!("\n> {quote}\n"));
        fs::write(&path, page).expect("writable");
        path
    }
}

#[test]
fn candidates_come_with_their_case() {
    let it = Programme::framed();
    let output = it.run(&["interview", "candidates", "problem-1"]);
    assert_exit(&output, 0);
    insta::assert_snapshot!(stdout(&output), @r"
    Whom to ask about problem-1: teams are slow because upgrades break
    Worst: upgrades that were undone within 14 days; best: the ones that lasted
    Cases of the 180 days until 2024-12-31; teams with one: 2

    worst
      web  alpha was upgraded to 2.1.0 on 11 October, and was back at 1.0.0 after 4 days

    best
      docs  alpha 1.0.0 came in on 1 November, fixed after 20 days

    Next: fixloop interview new problem-1 --team web --into interview.md
    ");
    let output = it.run(&["interview", "candidates", "problem-1", "--format", "json"]);
    let document = json(&output);
    assert_eq!(document["focus"], "undone");
    assert_eq!(document["teams"][0]["team"], "web");
    assert_eq!(document["teams"][0]["side"], "worst");
    assert_eq!(document["teams"][0]["is_interviewed"], false);
    assert_eq!(document["teams"][0]["case"]["package"], "alpha");
}

#[test]
fn a_page_goes_out_with_a_case_and_comes_back_as_evidence() {
    let it = Programme::framed();
    let path = it.path("web.md");
    let new = ["interview", "new", "problem-1", "--team", "web", "--into", &path];
    let output = it.run(&new);
    assert_exit(&output, 0);
    let page = fs::read_to_string(&path).unwrap();
    assert!(page.contains("The case: alpha was upgraded to 2.1.0 on 11 October"), "{page}");
    assert_eq!(page.lines().filter(|it| it.ends_with('?')).count(), 5);
    let again = it.run(&new);
    assert_exit(&again, 2);
    assert!(stderr(&again).contains("a page is not written over"), "{}", stderr(&again));
    let empty = it.run(&["interview", "add", &path]);
    assert_exit(&empty, 2);
    assert!(
        stderr(&empty).contains("line 9: `date:` is empty: the day, as in 2026-03-31; line 10: `stance:` is empty: for, against or neither; line 12: `> …` is empty"),
        "{}",
        stderr(&empty)
    );
    let filled = page
        .replace("date: (2026-03-31)", "date: 2024-12-30")
        .replace("stance: (for, against or neither)", "stance: against")
        .replace("\n>\n", "\n> It never broke.\n")
        .replace(
            "What tools and tricks",
            "Would you use an editor plugin?\n\nWhat tools and tricks",
        );
    fs::write(&path, filled).unwrap();
    let output = it.run(&["interview", "add", &path]);
    assert_exit(&output, 0);
    let text = stdout(&output);
    for line in [
        "interview-1  filed",
        "For the next interview:",
        "`would you` asks for a guess",
        "`plugin` is a solution",
        "problem-1: 1 interview, 0 for, 1 against, 0 neither",
        "After 2, mend the script",
        "Editors: nobody called an alert not useful",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    let twice = it.run(&["interview", "add", &path]);
    assert_exit(&twice, 2);
    assert!(stderr(&twice).contains("this page is filed already, as interview-1"));
    let hypothesis = json(&it.run(&["hypothesis", "show", "problem-1", "--format", "json"]));
    assert_eq!(hypothesis["state"], "gathering");
    assert_eq!(hypothesis["evidence"][0]["kind"], "interview");
    assert_eq!(hypothesis["evidence"][0]["stance"], "against");
    assert_eq!(hypothesis["evidence"][0]["words"], "It never broke.");
    let asked = stdout(&it.run(&["interview", "candidates", "problem-1"]));
    assert!(asked.contains("web (interviewed)"), "{asked}");
    assert!(asked.contains("--team docs"), "{asked}");
}

#[test]
fn a_page_is_read_from_standard_input_and_answered_in_json() {
    let it = Programme::framed();
    let page = it.page("docs", "We had no time.");
    let mut child = it
        .command(&["interview", "add", "-", "--format", "json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(&fs::read(page).unwrap()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_exit(&output, 0);
    let document = json(&output);
    assert_eq!(document["id"], "interview-1");
    assert_eq!(document["state"], "filed");
    assert_eq!(document["history"][0]["who"], "Laura");
    assert_eq!(document["evidence"], "evidence-1");
    assert_eq!(document["stop_rule"]["n"], 1);
    assert_eq!(document["not_useful"]["wrong"], 0);
}

#[test]
fn what_editors_were_told_stands_beside() {
    let it = Programme::framed();
    let mut store = Store::open(&it.folder.path().join("data")).unwrap();
    let event = |id: &str, reason: &str, comment: &str| StoredEvent {
        event_id: id.to_owned(),
        source: "s".to_owned(),
        seq: 1,
        occurred_at: 1,
        kind: "not_useful".to_owned(),
        body: format!(r#"{{"kind":"not_useful","reason":"{reason}","comment":{comment}}}"#),
    };
    let events = vec![
        event("1", "wrong", r#""we ship no server""#),
        event("2", "cannot_now", "null"),
        event("3", "because", "null"),
    ];
    let batch = IncomingBatch {
        batch_id: "b".to_owned(),
        source: "s".to_owned(),
        first_seq: 1,
        last_seq: 3,
        received_at: 2,
        events,
    };
    store.take(&batch).unwrap();
    drop(store);
    let output = it.run(&["interview", "show", "problem-1"]);
    assert_exit(&output, 0);
    let text = stdout(&output);
    assert!(
        text.contains("Editors: an alert was called not useful 3 times: 1 wrong, 0 not mine, 1 cannot now, 1 for a reason that this build does not know\n  wrong: \"we ship no server\"\n"),
        "{text}"
    );
}

#[test]
fn bad_pages_are_told_apart() {
    #[track_caller]
    fn check(it: &Programme, arguments: &[&str], expected: &str) {
        let output = it.run(arguments);
        assert_exit(&output, 2);
        assert!(stderr(&output).contains(expected), "{}", stderr(&output));
    }
    let it = Programme::framed();
    let good = fs::read_to_string(it.page("web", "q")).unwrap();
    let latin = it.file("latin.md", b"team: caf\xe9\n");
    check(&it, &["interview", "add", &latin], "is no UTF-8 text");
    let large = it.file("large.md", "x\n".repeat(200_000));
    check(&it, &["interview", "add", &large], "the page is larger than 256 KiB");
    let future = it.file("future.md", good.replace("2024-12-30", "2025-01-01"));
    check(&it, &["interview", "add", &future], "that day is still to come");
    let unknown = it.file("unknown.md", good.replace("problem: problem-1", "problem: problem-7"));
    check(&it, &["interview", "add", &unknown], "there is no `problem-7`");
    let kind = it.file("kind.md", good.replace("problem: problem-1", "problem: ring-7"));
    check(&it, &["interview", "add", &kind], "`ring-7` is no problem hypothesis");
    let missing = it.path("nowhere.md");
    check(&it, &["interview", "add", &missing], "failed to read");
    check(&it, &["interview", "candidates", "problem-2"], "there is no `problem-2`");
    let draft = Programme::new("x");
    let new = ["interview", "new", "problem-1", "--team", "web"];
    check(&draft, &new, "problem-1 has no prediction yet");
}

#[test]
fn a_team_without_a_case_still_gets_a_page() {
    let it = Programme::framed();
    let output = it.run(&["interview", "new", "problem-1", "--team", "no\nsuch"]);
    assert_exit(&output, 0);
    assert!(stderr(&output).contains("no recent case of team no\u{fffd}such is known"));
    assert!(stdout(&output).contains("team: no such\n"));
}

#[test]
fn the_programme_is_shown_to_people_and_escapes_what_they_typed() {
    let hostile = "<script>alert(1)</script> `x` | [a](b)\u{1b}[31m";
    let it = Programme::new(hostile);
    let frame = ["hypothesis", "frame", "problem-1", "--predict", "upgrade-regressions"];
    assert_exit(&it.run(&frame), 0);
    let clock = it.run(&["program", "clock"]);
    assert_exit(&clock, 0);
    assert!(stdout(&clock).contains("problem-1  framed  next is first evidence"));
    assert!(!stdout(&clock).contains('\u{1b}'));
    let clock = json(&it.run(&["program", "clock", "--format", "json"]));
    assert_eq!(clock["schema"], "fixloop.clock/1");
    assert_eq!(clock["loops"][0]["open"]["stage"], "first_evidence");
    has_the_fields_of_its_schema(&clock);
    let markdown = stdout(&it.run(&["program", "export"]));
    for text in [r"\<script\>", r"\`x\` \| \[a\]", "clock set by hand", "### problem-1: "] {
        assert!(markdown.contains(text), "{text}\n{markdown}");
    }
    assert!(!markdown.contains("<script>"));
    let export = json(&it.run(&["program", "export", "--format", "json"]));
    assert_eq!(export["schema"], "fixloop.record/1");
    assert_eq!(export["entries"][0]["seq"], 1);
    assert_eq!(export["entries"][0]["is_clock_set"], true);
    let path = it.path("report.html");
    let output = it.run(&["program", "report", "--into", &path]);
    assert_exit(&output, 0);
    let html = fs::read_to_string(&path).unwrap();
    assert!(html.contains("&#60;script&#62;"), "{html}");
    for forbidden in ["<script", "http://", "https://", "url(", "<link", "<img", "\u{1b}"] {
        assert!(!html.contains(forbidden), "{forbidden}");
    }
    let no_json = it.run(&["program", "report", "--format", "json"]);
    assert_exit(&no_json, 2);
}

#[track_caller]
fn has_the_fields_of_its_schema(clock: &serde_json::Value) {
    #[track_caller]
    fn check(schema: &serde_json::Value, value: &serde_json::Value) {
        let required = schema["required"].as_array().expect("what has to be there");
        let mut required: Vec<&str> = required.iter().filter_map(|it| it.as_str()).collect();
        let mut keys: Vec<&str> =
            value.as_object().expect("an object").keys().map(|it| &**it).collect();
        required.sort_unstable();
        keys.sort_unstable();
        assert_eq!(keys, required);
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/schema/clock-1.json");
    let schema: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(path).expect("it is there")).expect("JSON");
    check(&schema, clock);
    let of = &schema["properties"];
    check(&of["insight_to_first_telemetry"], &clock["insight_to_first_telemetry"]);
    check(&of["stages"]["items"], &clock["stages"][0]);
    check(&of["loops"]["items"], &clock["loops"][0]);
    check(&of["loops"]["items"]["properties"]["open"], &clock["loops"][0]["open"]);
    check(&of["loops"]["items"]["properties"]["stages"]["items"], &clock["loops"][0]["stages"][0]);
}
