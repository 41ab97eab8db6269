//! The hand-read examples, as a bill of materials, through the binary.

use fixloop_test_support::shared;

use super::*;

#[test]
fn hand_read_examples_are_answered_as_expected() {
    let Some(examples) = shared::file("data/examples.jsonl") else { return };
    let Some(advisories) = shared::file("data/advisories.tar.zst") else { return };
    let text = fs::read_to_string(examples).unwrap();
    let examples: Vec<serde_json::Value> =
        text.lines().map(|it| serde_json::from_str(it).unwrap()).collect();
    let purl = |it: &serde_json::Value| {
        let field = |key: &str| it[key].as_str().unwrap();
        let purl_type = match field("ecosystem") {
            "crates.io" => "cargo",
            "Go" => "golang",
            "RubyGems" => "gem",
            "Packagist" => "composer",
            "GitHub Actions" => "githubactions",
            other => other,
        };
        let name = field("name").replace(':', "/").replace('@', "%40");
        format!("pkg:{}/{name}@{}", purl_type.to_lowercase(), field("version").replace('+', "%2B"))
    };
    let components: Vec<_> =
        examples.iter().map(|it| serde_json::json!({ "purl": purl(it) })).collect();
    let bom = serde_json::json!({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": components});
    let folder = folder(&[("bom.json", bom.to_string().as_bytes())]);
    let index = folder.path().join("index");
    let index = index.to_str().unwrap();
    let imported = fixloop(&["db", "import", advisories.to_str().unwrap(), "--index", index]);
    assert_exit(&imported, 0);

    let (scan, _) = scan_json(folder.path(), &["--index", index]);
    let found = |example: &serde_json::Value| -> Vec<&str> {
        let of_it = |it: &&serde_json::Value| {
            ["ecosystem", "name", "version"].iter().all(|key| it[*key] == example[*key])
        };
        let findings = scan["findings"].as_array().unwrap().iter().filter(of_it);
        findings
            .flat_map(|it| it["ids"].as_array().unwrap())
            .map(|it| it.as_str().unwrap())
            .collect()
    };
    let mut wrong = Vec::new();
    for example in &examples {
        let found = found(example);
        let ids =
            |key: &str| example[key].as_array().unwrap().iter().map(|it| it.as_str().unwrap());
        wrong.extend(
            ids("must_match")
                .filter(|id| !found.contains(id))
                .map(|id| format!("missed {id}: {example}")),
        );
        wrong.extend(
            ids("must_not_match")
                .filter(|id| found.contains(id))
                .map(|id| format!("wrong {id}: {example}")),
        );
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
