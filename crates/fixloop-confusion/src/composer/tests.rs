use crate::testing;

#[track_caller]
fn check(text: &str, expected: &str) {
    testing::check("composer", &[("composer.json", text)], expected);
}

const CORP: &str =
    "{\n\"repositories\": [\n{\"type\": \"composer\", \"url\": \"https://u:p@a.example\"}\n]}";

#[test]
fn repositories() {
    let line = "composer.json:3 {\"type\": \"composer\", \"url\": \"https://a.example\"}";
    check("{\"require\": {}}", "");
    check(CORP, &format!("safe {line}"));
    check(
        &CORP.replace("example\"}", "example\", \"canonical\": false}"),
        "mixed high composer.json:3 {\"type\": \"composer\", \"url\": \"https://a.example\", \"canonical\": false}",
    );
    check(
        &CORP.replace("example\"}", "example\", \"canonical\": false}, {\"packagist.org\": false}"),
        "safe composer.json:3 {\"type\": \"composer\", \"url\": \"https://a.example\", \"canonical\": false}, {\"packagist.org\": false}",
    );
    check(
        "{\"repositories\": [{\"type\": \"composer\", \"url\": \"https://x.packagist.org\"},\n{\"type\": \"composer\", \"url\": \"https://a.example\"}]}",
        "mixed high composer.json:2 {\"type\": \"composer\", \"url\": \"https://a.example\"}]}",
    );
    check(
        "{\"repositories\": {\n\"corp\": {\"type\": \"composer\", \"url\": \"https://a.example\"}, \"packagist.org\": false}}",
        "safe composer.json:2 \"corp\": {\"type\": \"composer\", \"url\": \"https://a.example\"}, \"packagist.org\": false}}",
    );
    check(
        "{\"repositories\": [{\"type\": \"vcs\", \"url\": \"git@git.corp.example:a/b.git\"}]}",
        "safe composer.json:1 {\"repositories\": [{\"type\": \"vcs\", \"url\": \"git@git.corp.example:a/b.git\"}]}",
    );
    check(
        "{\"repositories\": [{\"type\": \"composer\", \"url\": \"${FEED}\"}]}",
        "unknown composer.json:1 {\"repositories\": [{\"type\": \"composer\", \"url\": \"${FEED}\"}]}",
    );
    check("{\"repositories\": [}", "unknown composer.json:1 {\"repositories\": [}");
}

#[test]
fn composer_1_asks_all() {
    testing::check(
        "composer",
        &[("composer.json", CORP), ("composer.lock", "{\"plugin-api-version\": \"1.1.0\"}")],
        "mixed high composer.json:3 {\"type\": \"composer\", \"url\": \"https://a.example\"}",
    );
}
