//! What is shown in the text.

use std::fmt::Write;

use serde_json::json;

use crate::client::{Client, capabilities};

const MANIFEST: &str = "{\n  \"dependencies\": {\n    \n  }\n}\n";

/// What is published once a file of this name and text is open.
#[track_caller]
fn published(path: &str, text: &str) -> String {
    let mut client = Client::new(&[]);
    client.open(path, text);
    client.published(path).join("\n---\n")
}

#[test]
fn a_reference_that_is_typed_is_told_at_once_and_cleared_at_once() {
    let mut client = Client::new(&[]);
    client.open("package.json", MANIFEST);
    client.change("package.json", 2, &[("2:4", "2:4", "\"lodash\": \"4.17.15\"")]);
    insta::assert_snapshot!(client.published("package.json").join("\n---\n"), @r"
    2:15-2:22 error CVE-2020-8203
        New here: lodash 4.17.15 has 2 known vulnerabilities, at worst high
        Prototype pollution through zipObjectDeep and related functions (CVE-2020-8203)
        4.17.21 is the nearest version that clears all advisories.
    ");
    client.change("package.json", 3, &[("2:22", "2:24", "21")]);
    assert_eq!(client.published("package.json"), [""]);
}

#[test]
fn a_literal_is_told_once_it_is_closed() {
    let mut client = Client::new(&[]);
    client.open("package.json", MANIFEST);
    let literal = "\"lodash\": \"4.17.15";
    for (at, it) in (4_u32..).zip(literal.chars()) {
        let place = format!("2:{at}");
        let version = i32::try_from(at).unwrap();
        client.change("package.json", version, &[(&place, &place, &it.to_string())]);
    }
    assert_eq!(client.published("package.json"), [""; 0]);
    client.change("package.json", 99, &[("2:22", "2:22", "\"")]);
    assert_eq!(client.published("package.json").len(), 1);
}

#[test]
fn a_broken_line_leaves_the_other_alerts_where_they_are() {
    let mut client = Client::new(&[]);
    let text = "{\n  \"dependencies\": {\n    \"lodash\": \"4.17.15\",\n    \"axios\": \"0.21.0\"\n  }\n}\n";
    client.open("package.json", text);
    let before = client.published("package.json");
    assert_eq!(before.len(), 1);
    // A line below is being typed, with every state in between.
    client.change("package.json", 2, &[("3:21", "3:21", ",\n    \"ex")]);
    client.change("package.json", 3, &[("4:7", "4:7", "press\": ")]);
    client.change("package.json", 4, &[("4:15", "4:15", "\"4")]);
    let shown = client.published("package.json");
    assert!(shown.iter().all(|it| *it == before[0]), "{shown:?}");
    // Two lines above, everything moves.
    client.change("package.json", 5, &[("0:0", "0:0", "\n\n")]);
    let shown = client.published("package.json");
    assert_eq!(shown.len(), 1);
    assert!(
        shown[0].contains("4:15-4:22 error") && shown[0].contains("5:14-5:20 error"),
        "{shown:?}"
    );
}

#[test]
fn what_is_told_of_requirements() {
    let text = r#"{
  "dependencies": {
    "lodash": "~4.16.0",
    "lodash-es": "^4.17.0",
    "jquery": ">=1.0.0 <1.1.0 || ^3.0.0",
    "chalk": "^5.0.0",
    "node-fetch": "latest",
    "axios": "^0.21.3"
  }
}
"#;
    insta::assert_snapshot!(published("package.json", text), @r"
    2:15-2:22 error CVE-2019-10744
        lodash `~4.16.0`: every known version it admits is affected; 4.16.0 has 5 known vulnerabilities, at worst critical
        defaultsDeep lets an attacker add properties to Object.prototype (CVE-2019-10744)
        4.17.21 is the nearest version that clears all advisories.
    3:18-3:25 hint CVE-2019-10744
        lodash-es `^4.17.0` admits 4.17.0, which has 3 known vulnerabilities, at worst critical
        defaultsDeep lets an attacker add properties to Object.prototype (CVE-2019-10744)
        Not affected if a newer one is installed: no lockfile tells. Require 4.17.21 to be sure.
    4:15-4:39 hint CVE-2020-11022
        jquery `>=1.0.0 <1.1.0 || ^3.0.0` admits 3.0.0, a later version that has 2 known vulnerabilities, at worst medium
        HTML given to manipulation methods may run scripts even after sanitizing (CVE-2020-11022)
        Not affected if another one is installed: no lockfile tells. Require 3.5.0 to be sure.
    5:14-5:20 hint MAL-2025-46969
        chalk `^5.0.0` admits 5.6.1, a later version that is malicious
        Version published from a stolen account replaces wallet addresses in the browser (MAL-2025-46969)
        Not affected if another one is installed: no lockfile tells.
    6:19-6:25 hint -
        node-fetch `latest` was not analyzed: requirement `latest` does not fix one version
    ");
}

#[test]
fn malicious_and_unmaintained_packages_are_told() {
    insta::assert_snapshot!(published("package.json", "{\"dependencies\": {\"debug\": \"4.4.2\"}}"), @r"
    0:28-0:33 error CVE-2025-59144
        debug 4.4.2 is malicious
        Version published from a stolen account replaces wallet addresses in the browser (CVE-2025-59144)
        Remove it.
    ");
    insta::assert_snapshot!(published("Cargo.toml", "[package]\nname = \"a\"\n[dependencies]\natty = \"=0.2.14\"\n"), @r"
    3:9-3:15 information RUSTSEC-2024-0375
        atty 0.2.14 is not maintained
        atty has no maintainer any more (RUSTSEC-2024-0375)
        No version that clears all advisories is known.
    ");
}

#[test]
fn every_kind_of_manifest_is_told_of() {
    let texts = [
        ("requirements-dev.txt", "jinja2==2.10\nflask>=0.12.2\n"),
        ("pyproject.toml", "[project]\nname = \"a\"\ndependencies = [\"requests==2.19.0\"]\n"),
        ("Pipfile", "[packages]\npyyaml = \"==5.3\"\n"),
        ("go.mod", "module example.com/a\n\nrequire golang.org/x/text v0.3.5\n"),
        (
            "pom.xml",
            "<project>\n<properties><t>1.9</t></properties>\n<dependencies><dependency><groupId>org.apache.commons</groupId><artifactId>commons-text</artifactId><version>${t}</version></dependency></dependencies>\n</project>\n",
        ),
        (
            "a.csproj",
            "<Project><ItemGroup><PackageReference Include=\"jQuery\" Version=\"3.3.1\" /></ItemGroup></Project>\n",
        ),
        ("Gemfile", "gem \"rack\", \"2.2.2\"\n"),
        ("composer.json", "{\"require\": {\"guzzlehttp/guzzle\": \"6.5.6\"}}\n"),
        (
            "gradle/libs.versions.toml",
            "[versions]\nt = \"1.9\"\n[libraries]\na = { module = \"org.apache.commons:commons-text\", version.ref = \"t\" }\n",
        ),
        (
            ".github/workflows/ci.yml",
            "jobs:\n  a:\n    steps:\n      - uses: tj-actions/changed-files@v40\n",
        ),
    ];
    let mut client = Client::new(&[]);
    let mut all = String::new();
    for (path, text) in texts {
        client.open(path, text);
        for shown in client.published(path) {
            let lines: Vec<&str> = shown.lines().filter(|it| !it.starts_with("    ")).collect();
            writeln!(all, "{path}: {}", lines.join(", ")).unwrap();
        }
    }
    insta::assert_snapshot!(all, @r"
    requirements-dev.txt: 0:8-0:12 error CVE-2019-10906, 1:5-1:13 hint CVE-2018-1000656
    pyproject.toml: 2:27-2:33 error CVE-2018-18074
    Pipfile: 1:12-1:15 error CVE-2020-14343
    go.mod: 2:26-2:32 error CVE-2021-38561
    pom.xml: 1:15-1:18 error CVE-2022-42889
    a.csproj: 0:64-0:69 error CVE-2020-11022
    Gemfile: 0:13-0:18 error CVE-2020-8184
    composer.json: 0:35-0:40 error CVE-2022-31043
    gradle/libs.versions.toml: 1:5-1:8 error CVE-2022-42889
    .github/workflows/ci.yml: 3:39-3:42 hint -
    ");
}

#[test]
fn positions_are_in_the_units_of_the_client() {
    let text = "{\"dependencies\": {\"é𝄞\": \"1\", \"lodash\": \"4.17.15\"}}";
    for (encoding, expected) in [("utf-8", "0:44"), ("utf-16", "0:41"), ("utf-32", "0:40")] {
        let mut capabilities = capabilities();
        capabilities["general"]["positionEncodings"] = json!([encoding]);
        let mut client = Client::with(&[], json!({}), capabilities);
        client.open("package.json", text);
        let shown = client.published("package.json");
        assert!(shown[0].starts_with(expected), "{encoding}: {shown:?}");
    }
}

#[test]
fn observing_shows_nothing() {
    let mut client = Client::with(&[], json!({"mode": "observe"}), capabilities());
    client.open("requirements.txt", "jinja2==2.10\n");
    assert_eq!(client.published("requirements.txt"), [""; 0]);
    assert_eq!(client.actions("requirements.txt", 0).len(), 0);
}

#[test]
fn a_client_that_can_only_ask_is_answered() {
    let mut capabilities = capabilities();
    let of_documents = capabilities["textDocument"].as_object_mut().unwrap();
    of_documents.remove("publishDiagnostics");
    of_documents.insert("diagnostic".to_owned(), json!({}));
    let mut client = Client::with(&[], json!({}), capabilities);
    client.open("requirements.txt", "jinja2==2.10\n");
    assert_eq!(client.published("requirements.txt"), [""; 0]);
    let uri = client.uri("requirements.txt");
    let answer = client.request("textDocument/diagnostic", json!({"textDocument": {"uri": uri}}));
    assert_eq!(answer["items"].as_array().unwrap().len(), 1);
}

#[test]
fn hover_tells_everything() {
    let mut client = Client::new(&[]);
    client.open("package.json", "{\"dependencies\": {\"lodash\": \"~4.17.4\"}}");
    client.published("package.json");
    let params = json!({
        "textDocument": {"uri": client.uri("package.json")},
        "position": {"line": 0, "character": 22},
    });
    let hover = client.request("textDocument/hover", params);
    insta::assert_snapshot!(hover["contents"]["value"].as_str().unwrap(), @r"
    lodash 4.17.4
    npm, `~4.17.4` admits it; no lockfile says what is installed
    CVE-2019-10744 GHSA-jf85-cpcp-j695: critical 9.1 (CVSS 3.1), fixed in 4.17.12
    defaultsDeep lets an attacker add properties to Object.prototype
    CVE-2020-8203 GHSA-p6mc-m468-83gw: high 7.4 (CVSS 3.1), fixed in 4.17.19
    Prototype pollution through zipObjectDeep and related functions
    CVE-2021-23337 GHSA-35jh-r3h4-6jhm: high 7.2 (CVSS 3.1), fixed in 4.17.21
    The template function runs shell or script code given in its options
    CVE-2018-16487 GHSA-4xc9-xhrj-v574: high (database's own rating), fixed in 4.17.11
    merge, mergeWith and defaultsDeep can change Object.prototype
    CVE-2018-3721 GHSA-fvqr-27wr-82fm: medium 6.5 (CVSS 3.1), fixed in 4.17.5
    merge, mergeWith and defaultsDeep can change Object.prototype by __proto__
    4.17.21 clears all advisories.
    ");
}

#[test]
fn hover_in_markdown_escapes_the_words_of_others() {
    let mut capabilities = capabilities();
    capabilities["textDocument"]["hover"]["contentFormat"] = json!(["markdown", "plaintext"]);
    let mut client = Client::with(&[], json!({}), capabilities);
    client.open("requirements.txt", "jinja2==2.10\n");
    client.published("requirements.txt");
    let params = json!({
        "textDocument": {"uri": client.uri("requirements.txt")},
        "position": {"line": 0, "character": 9},
    });
    let hover = client.request("textDocument/hover", params);
    insta::assert_snapshot!(hover["contents"]["value"].as_str().unwrap(), @r"
    **jinja2 2.10**

    PyPI, named in this file

    [CVE-2019-10906](https://nvd.nist.gov/vuln/detail/CVE-2019-10906) PYSEC-2019-217 GHSA-462w-v97r-4m45: no rating, fixed in 2.10.1

    str.format\_map escapes the sandbox

    **2.10.1** clears all advisories.
    ");
}

#[test]
fn half_a_requirement_waits_and_a_whole_version_does_not() {
    let mut client = Client::new(&[]);
    client.open("package.json", "{\"dependencies\": {\"lodash\": \"\"}}");
    assert_eq!(client.published("package.json"), [""; 0]);
    for (at, it) in (29_u32..).zip("4.17.15".chars()) {
        let place = format!("0:{at}");
        let version = i32::try_from(at).unwrap();
        client.change("package.json", version, &[(&place, &place, &it.to_string())]);
    }
    let shown = client.published("package.json");
    let firsts: Vec<&str> = shown.iter().filter_map(|it| it.lines().nth(1)).collect();
    insta::assert_snapshot!(firsts.join("\n"), @r"
    lodash 4.17.1 has 5 known vulnerabilities, at worst critical
    lodash 4.17.15 has 2 known vulnerabilities, at worst high
    ");
    // A requirement that is meant is told of after a pause; here, once everything else is done.
    client.change("package.json", 99, &[("0:29", "0:36", "^4.17.0")]);
    let shown = client.published("package.json");
    assert!(shown[0].is_empty() && shown[1].contains("hint"), "{shown:?}");
}
