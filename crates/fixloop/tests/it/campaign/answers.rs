//! Who is affected, by mirrors; forecasts, patches, messages and the report.

use super::*;
use crate::server::{Answer, Server};

#[test]
fn the_mirrors_say_who_is_affected_and_who_has_fixed() {
    let it = Organization::opened();
    assert_eq!(
        it.states("2024-06-01"),
        [
            "affected jobs:package-lock.json",
            "affected web:package-lock.json",
            "clean api:package-lock.json",
            "clean docs:package-lock.json",
        ]
    );
    it.commit("06-03", "web", "left@2.0.1");
    let shown = it.json("2024-06-03", &["campaign", "show", "campaign-1"]);
    assert_eq!((&shown["counts"]["fixed"], &shown["counts"]["affected"]), (&1.into(), &1.into()));
    assert_eq!(shown["state"], "open");
    assert_eq!(shown["deadline"], "2024-06-30T23:59:59Z");
    assert!(shown["history"].as_array().expect("a list").len() >= 2);
    it.json("2024-06-03", &["campaign", "forecast", "campaign-1"]);
    // Back again, and the clock of that target begins anew.
    it.commit("06-05", "web", "left@1.0.0");
    let found = it.json("2024-06-05", &["campaign", "affected", "campaign-1", "--team", "web"]);
    assert_eq!(found["targets"][0]["state"], "affected");
    assert_eq!(found["targets"][0]["affected_since"], "2024-06-05T12:00:00Z");
}

#[test]
fn a_mirror_that_vanished_or_is_stale_is_unknown_and_never_clean() {
    let it = Organization::opened();
    let (web, api) = (it.repository("web").path(), it.repository("api").path());
    fs::rename(&web, web.with_extension("away")).expect("renamed");
    fs::rename(&api, api.with_extension("away")).expect("renamed");
    assert_exit(&it.sync("06-02"), 2);
    assert_eq!(
        it.states("2024-06-02"),
        [
            "affected jobs:package-lock.json",
            "clean docs:package-lock.json",
            "unknown api:package-lock.json",
            "unknown web:package-lock.json",
        ]
    );
    it.write_list(&["jobs", "docs"]);
    it.sync("06-03");
    let states = it.states("2024-06-03");
    assert!(states.contains(&"unknown web:package-lock.json".to_owned()), "{states:?}");
    // What it was stands with it, and it is told to its team.
    let found = it.json("2024-06-03", &["campaign", "affected", "campaign-1", "--team", "web"]);
    assert_eq!(found["targets"][0]["affected_since"], "2024-06-01T23:00:00Z");
    assert_eq!(found["counts"]["unknown_open"], 1);
}

#[test]
fn packages_of_the_organizations_own_registry() {
    let it = Organization::new();
    let mut mirrored = package_lock(&["left@1.0.0", "right@1.0.0"]);
    for name in ["left", "right"] {
        let entry = format!(r#""node_modules/{name}": {{ "#);
        let address = format!("https://npm.corp.example/{name}/-/{name}-1.0.0.tgz");
        mirrored = mirrored.replace(&entry, &format!(r#"{entry}"resolved": "{address}", "#));
    }
    it.repository("api").write("package-lock.json", &mirrored).commit("06-02");
    it.sync("06-03");
    let states = |about: &[&str], id: &str| {
        it.create(about);
        let asked = ["campaign", "affected", id, "--team", "api"];
        it.json("2024-06-03", &asked)["targets"][0]["state"].clone()
    };
    // Whoever writes a range of their own means the package, wherever it comes from.
    assert_eq!(states(&PACKAGE, "campaign-1"), "affected");
    // A public record is about the public registry's, and whether this one mirrors that nobody has said.
    assert_eq!(states(&["--advisory", "A-1"], "campaign-2"), "unknown");
    let mirror = ["--advisory", "A-1", "--mirror", "NPM.corp.example"];
    assert_eq!(states(&mirror, "campaign-3"), "affected");
}

#[test]
fn nothing_is_read_twice() {
    let it = Organization::opened();
    let read = |day: &str| it.json(day, &["fleet", "index"])["read"].clone();
    assert_eq!(read("2024-06-01"), 0);
    it.commit("06-03", "web", "left@2.0.1");
    assert_eq!((read("2024-06-03"), read("2024-06-03")), (1.into(), 0.into()));
    // A damaged index is made anew.
    let file = it.data().join("components.index");
    let mut bytes = fs::read(&file).expect("there");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x10;
    fs::write(&file, bytes).expect("writable");
    assert_eq!(read("2024-06-03"), 4);
}

#[test]
fn a_forecast_is_kept_and_says_what_it_does_not_know() {
    let it = Organization::opened();
    let found = it.json("2024-06-02", &["campaign", "forecast", "campaign-1"]);
    // Two targets and no fix: nothing to learn from, and no number is made up.
    assert!(found["forecast"].is_null(), "{found}");
    let why = found["no_forecast"].as_str().expect("a reason");
    assert!(why.contains("too little was fixed to learn from"), "{why}");
    it.commit("06-03", "web", "left@2.0.1");
    it.commit("06-04", "jobs", "left@2.0.1");
    let found = it.json("2024-06-04", &["campaign", "forecast", "campaign-1"]);
    assert_eq!(found["forecast"]["p_all"], 1.0);
    assert_eq!(found["forecast"]["p50"], "2024-06-04T12:00:00Z");
    let shown = it.json("2024-06-04", &["campaign", "show", "campaign-1", "--recorded"]);
    assert_eq!(shown["forecast"], found["forecast"]);
    assert_eq!(shown["burn_down"].as_array().expect("a list").len(), 3);
}

#[test]
fn a_patch_is_what_fix_would_do() {
    let it = Organization::opened();
    let manifest = "{\n  \"dependencies\": { \"left\": \"1.0.0\" }\n}\n";
    it.repository("web").write("package.json", manifest).commit("06-02");
    it.sync("06-02");
    let patch = |target: &str| it.run("2024-06-02", &["campaign", "patch", "campaign-1", target]);
    let output = patch("web");
    assert_exit(&output, 1);
    insta::assert_snapshot!(stdout(&output), @r#"
    --- a/package.json
    +++ b/package.json
    @@ -1,3 +1,3 @@
     {
    -  "dependencies": { "left": "1.0.0" }
    +  "dependencies": { "left": "2.0.0" }
     }
    "#);
    assert!(stderr(&output).contains("clean after: npm install"), "{}", stderr(&output));
    assert_exit(&patch("api"), 0);
    assert!(stderr(&patch("nobody")).contains("there is no repository `nobody` in the fleet"));
}

#[test]
fn each_team_gets_a_message_and_a_signed_payload() {
    let it = Organization::opened();
    let secret = it.path("secret");
    fs::write(&secret, "0123456789abcdef\n").expect("writable");
    let server = Server::start(|_| Answer::ok("taken"));
    let (into, post) = (it.path("messages"), format!("{}/hook", server.url));
    let send = ["--into", &into, "--post", &post, "--secret", &secret];
    let messages = [&["campaign", "messages", "campaign-1"][..], &send].concat();
    it.done("2024-06-02", &messages);
    let read = |name: &str| fs::read_to_string(format!("{into}/{name}")).expect("written");
    insta::assert_snapshot!(read("web.md"), @r"
    # left takes over machines

    Team **web**: 1 of your files have to be fixed by **2024-06-30T23:59:59Z**.

    Builds are not broken by it now; editors and builds say where.

    - `web:package-lock.json`
      - left 1.0.0: LOCAL-CAMPAIGN-1, fixed in 2.0.0
      - a ready change: `fixloop campaign patch campaign-1 web:package-lock.json`

    Questions: \#supply-chain.
    ");
    let payload: serde_json::Value = serde_json::from_str(&read("jobs.json")).expect("JSON");
    assert_eq!(payload["targets"][0]["target"], "jobs:package-lock.json");
    assert!(!Path::new(&into).join("docs.md").exists());
    assert_eq!(server.asked().len(), 2);
    let header = read("jobs.json.signature");
    assert!(header.starts_with("Fixloop-Signature: t=1717369200,v1="), "{header}");
    let elsewhere = ["--post", "http://chat.corp.example/hook", "--secret", &secret];
    let refused = [&["campaign", "messages", "campaign-1"][..], &elsewhere].concat();
    assert!(it.refused("2024-06-02", &refused).contains("is no address of this machine"));
}

#[test]
fn the_end_has_its_report() {
    let it = Organization::opened();
    it.commit("06-03", "web", "left@2.0.1");
    it.json("2024-06-03", &["campaign", "forecast", "campaign-1"]);
    it.commit("06-10", "jobs", "left@2.0.1");
    let into = it.path("report");
    let closed = it.json("2024-06-10", &["campaign", "close", "campaign-1", "--into", &into]);
    assert_eq!((&closed["state"], &closed["counts"]["fixed"]), (&"closed".into(), &2.into()));
    let markdown = fs::read_to_string(format!("{into}/campaign-1.md")).expect("written");
    assert!(
        markdown.contains("All 2 affected targets were fixed, the last one at 2024-06-10T12:00:00Z, before the date"),
        "{markdown}"
    );
    assert!(markdown.contains("| 2024-06-03 | 1 | 1 | 2 | 0 |"), "{markdown}");
    let html = fs::read_to_string(format!("{into}/campaign-1.html")).expect("written");
    assert!(html.contains("default-src 'none'") && html.contains("area unknown"));
    it.refused("2024-06-11", &["campaign", "forecast", "campaign-1"]);
}

#[test]
fn a_rule_says_who_is_affected_and_what_it_said_of_a_commit_is_remembered() {
    let it = Organization::new();
    let mixed = "--extra-index-url https://pypi.corp.example/simple\ninternal==1.0\n";
    it.repository("web").write("requirements.txt", mixed).commit("05-02");
    it.sync("06-01");
    it.create(&["--rule", "dependency-confusion"]);
    it.done("2024-06-01", &["campaign", "open", "campaign-1"]);
    let of_it = |day: &str| {
        let states = it.states(day);
        states.into_iter().filter(|it| it.ends_with("requirements.txt")).collect::<Vec<_>>()
    };
    assert_eq!(of_it("2024-06-01"), ["affected web:requirements.txt"]);
    let found = it.json("2024-06-01", &["campaign", "affected", "campaign-1", "--team", "web"]);
    let evidence = found["targets"][0]["evidence"][0].as_str().expect("a line");
    assert!(evidence.starts_with("line 1: --extra-index-url"), "{evidence}");
    let kept = fs::read(it.data().join("checks.json")).expect("remembered");
    it.states("2024-06-02");
    assert_eq!(fs::read(it.data().join("checks.json")).expect("remembered"), kept);
    let single = "--index-url https://pypi.corp.example/simple\ninternal==1.0\n";
    it.repository("web").write("requirements.txt", single).commit("06-03");
    it.sync("06-03");
    assert_eq!(of_it("2024-06-03"), ["fixed web:requirements.txt"]);
    // No version fixes a rule; the way out is named.
    let refused = it.refused("2024-06-03", &["campaign", "patch", "campaign-1", "web"]);
    assert!(refused.contains("campaign-1 is about build rules"), "{refused}");
}
