//! Baselines of key results.

use fixloop_test_support::shared;

use super::*;
use crate::repository::{Repository, index, package_lock};

/// Ten packages with an advisory of 2020.
fn records() -> Vec<[String; 2]> {
    (0..10).map(|it| [format!("A-{it}"), format!("p{it}")]).collect()
}

fn index_of(folder: &Path) -> String {
    let records = records();
    let records: Vec<(&str, &str, &str, &str)> = records
        .iter()
        .map(|[id, name]| (&**id, &**name, "2.0.0", "2020-01-01T00:00:00Z"))
        .collect();
    index(folder, &records)
}

/// Ten vulnerable packages come in February; every `pace` days one of them is upgraded.
fn shop(name: &str, pace: usize) -> Repository {
    let shop = Repository::new(name);
    shop.write("README.md", "x").commit("01-01");
    for n_fixed in 0..=10 {
        let packages: Vec<String> = (0..10)
            .map(|it| format!("p{it}@{}", if it < n_fixed { "2.0.0" } else { "1.0.0" }))
            .collect();
        let packages: Vec<&str> = packages.iter().map(|it| &**it).collect();
        let day = 31 + n_fixed * pace;
        shop.write("package-lock.json", &package_lock(&packages)).commit(&format!(
            "{:02}-{:02}",
            1 + day / 28,
            1 + day % 28
        ));
    }
    shop
}

/// Runs it as of the end of 2024.
fn run(repositories: &[&Repository], more: &[&str]) -> Output {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let index = index_of(folder.path());
    let paths: Vec<PathBuf> = repositories.iter().map(|it| it.path()).collect();
    let mut arguments = vec!["okr", "baseline", "--index", &index, "--no-cache"];
    arguments.extend(["--until", "2024-12-31"]);
    arguments.extend(paths.iter().map(|it| it.to_str().expect("a plain path")));
    arguments.extend(more);
    fixloop(&arguments)
}

const GOOD_PLAN: [&str; 4] = ["--target", "-20%", "--by", "2025-03-31"];

fn organization() -> [Repository; 3] {
    [shop("web", 2), shop("api", 5), shop("jobs", 9)]
}

#[test]
fn people_read_the_verdict_first() {
    let shops = organization();
    let output = run(&shops.each_ref(), &GOOD_PLAN);
    assert_exit(&output, 0);
    insta::assert_snapshot!(stdout(&output));
    let text = stdout(&output).to_lowercase();
    for word in ["significant", "trending", "almost"] {
        assert!(!text.contains(word), "{word}");
    }
}

#[test]
fn scripts_read_the_same_numbers_as_of_history() {
    let shops = organization();
    let output = run(&shops.each_ref(), &[&GOOD_PLAN[..], &["--format", "json"]].concat());
    assert_exit(&output, 0);
    let document = json(&output);
    assert_eq!(document["schema"], "fixloop.okr-baseline/1");
    assert_eq!(document["events"], 30);
    assert_eq!(document["teams"], 3);
    assert_eq!(document["checks"].as_array().map(Vec::len), Some(21));
    assert_eq!(document["deadline"], "2025-03-31");
    let schema = fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/schema/okr-baseline-1.json"),
    );
    let schema: serde_json::Value = serde_json::from_str(&schema.unwrap()).unwrap();
    let required: Vec<&str> =
        schema["required"].as_array().unwrap().iter().filter_map(|it| it.as_str()).collect();
    let mut keys: Vec<&String> = document.as_object().unwrap().keys().collect();
    keys.sort();
    assert_eq!(keys, required);
    let folder = tempfile::tempdir().unwrap();
    let index = index_of(folder.path());
    let paths = shops.each_ref().map(|it| it.path().to_str().unwrap().to_owned());
    let mut arguments = vec!["history", "--format", "json", "--index", &index, "--no-cache"];
    arguments.extend(["--until", "2024-12-31"]);
    arguments.extend(paths.iter().map(|it| &**it));
    let history = json(&fixloop(&arguments));
    let summary = &history["summary"];
    assert_eq!(document["definition"], summary["definition"]);
    assert_eq!(document["over_everything"], summary["overall"]["restricted_mean"]);
    // All of it is within the last year.
    assert_eq!(document["value"], summary["overall"]["restricted_mean"]["value"]);
    assert_eq!(document["median"], summary["overall"]["median"]);
}

#[test]
fn the_draft_is_toml() {
    let shops = organization();
    let owner = "Laura \"L\\\u{7f}\n";
    let more = ["--format", "toml", "--owner", owner];
    let output = run(&shops.each_ref(), &[&GOOD_PLAN[..], &more].concat());
    assert_exit(&output, 0);
    let text = stdout(&output);
    let document = toml::de::DeTable::parse(&text).unwrap().into_inner();
    let result = document["key_result"].get_ref().as_table().unwrap();
    assert_eq!(result["owner"].get_ref().as_str(), Some(owner));
    assert_eq!(result["metric"].get_ref().as_str(), Some("time_to_fix"));
    assert_eq!(result["guard_metrics"].get_ref().as_array().map(|it| it.len()), Some(2));
    for part in ["baseline", "target"] {
        let part = result[part].get_ref().as_table().unwrap();
        assert!(part["value"].get_ref().as_float().is_some());
    }
    let end = result["end"].get_ref().as_datetime().unwrap();
    assert_eq!(end.to_string(), "2025-03-31");
    assert!(text.contains("risk = \"\" # to be filled in"), "{text}");
    // What is missing is a comment, and the rest is still TOML.
    let output = run(&shops.each_ref(), &["--format", "toml"]);
    assert_exit(&output, 1);
    assert!(toml::de::DeTable::parse(&stdout(&output)).is_ok(), "{}", stdout(&output));
}

#[track_caller]
fn check_missing(shops: &[&Repository], more: &[&str], expected: &[&str]) {
    let output = run(shops, more);
    assert_exit(&output, 1);
    let text = stdout(&output);
    let blocks: Vec<&str> =
        text.lines().filter(|it| it.get(2..7) == Some("block")).map(|it| &it[8..]).collect();
    assert_eq!(blocks, expected, "{text}");
    let n = expected.len();
    let verdict = if n == 1 { "1 thing is".to_owned() } else { format!("{n} things are") };
    assert!(text.starts_with(&format!("Not accepted: {verdict} missing.\n")), "{text}");
}

#[test]
fn what_is_missing_is_named() {
    let shops = organization();
    let shops = shops.each_ref();
    check_missing(&shops, &[], &["target       no target", "deadline     no deadline"]);
    check_missing(&shops, &["--target", "-20%"], &["deadline     no deadline"]);
    check_missing(&shops, &["--by", "2025-03-31"], &["target       no target"]);
    check_missing(
        &shops,
        &["--target", "+20%", "--by", "2025-03-31"],
        &["target       `+20 %`: it is in the wrong direction: less is better"],
    );
    check_missing(
        &shops,
        &["--target", "-20%", "--by", "2024-06-01"],
        &["deadline     2024-06-01 is not in the future: today is 2024-12-31"],
    );
    check_missing(
        &shops,
        &["--target", "-20%", "--by", "2025-12-31"],
        &["deadline     365 days from 2024-12-31 to 2025-12-31: too far to steer by"],
    );
    let empty = Repository::new("empty");
    empty.write("README.md", "x").commit("01-01");
    let output = run(&[&empty], &GOOD_PLAN);
    assert_exit(&output, 1);
    assert!(stdout(&output).contains("S block population   nothing was ever open"));
}

#[test]
fn what_cannot_be_read_is_an_error() {
    let shop = Repository::new("shop");
    shop.write("README.md", "x").commit("01-01");
    for target in ["20%", "faster", "-20", "nan%", ""] {
        let output = run(&[&shop], &["--target", target]);
        assert_exit(&output, 2);
        assert!(stderr(&output).contains("is none of `-20%`, `-5d` and `14d`"), "{target}");
        assert_eq!(stdout(&output), "");
    }
    let output = run(&[&shop], &["--by", "soon"]);
    assert_exit(&output, 2);
    let output = fixloop(&["okr", "baseline", "/no/such/repository", "--no-cache"]);
    assert_exit(&output, 2);
    let text = stderr(&output);
    assert!(text.starts_with("error: no repository could be read: repository: "), "{text}");
    let output = fixloop(&["okr", "baseline"]);
    assert_exit(&output, 2);
    assert!(stderr(&output).contains("no repository named"), "{}", stderr(&output));
}

#[test]
fn real_organizations_are_accepted_with_warnings() {
    let Some(advisories) = shared::file("data/advisories.tar.zst") else { return };
    let folder = tempfile::tempdir().unwrap();
    let mut paths = Vec::new();
    for name in ["ripgrep", "caddy", "netbox", "bookstack"] {
        let Some(bundle) = shared::file(&format!("data/history/{name}.bundle")) else { return };
        let clone = folder.path().join(format!("{name}.git")).to_str().unwrap().to_owned();
        let status = Command::new("git")
            .args(["clone", "-q", "--bare", bundle.to_str().unwrap(), &clone])
            .status();
        assert!(status.unwrap().success());
        paths.push(clone);
    }
    let index = folder.path().join("index").to_str().unwrap().to_owned();
    assert_exit(&fixloop(&["db", "import", advisories.to_str().unwrap(), "--index", &index]), 0);
    let mut arguments = vec!["okr", "baseline", "--index", &index, "--no-cache"];
    arguments.extend(["--format", "json", "--until", "2026-09-01"]);
    arguments.extend(["--target", "-20%", "--by", "2026-11-30"]);
    arguments.extend(paths.iter().map(|it| &**it));
    let output = fixloop(&arguments);
    assert_exit(&output, 0);
    let document = json(&output);
    assert_eq!(document["accepted"], true);
    assert_eq!(document["teams"], 4);
    assert_eq!(document["detectable"], false);
    let is_warning = |it: &&serde_json::Value| it["answer"] == "warn";
    let n_warnings = document["checks"].as_array().unwrap().iter().filter(is_warning).count();
    assert!(n_warnings >= 3, "{document}");
}
