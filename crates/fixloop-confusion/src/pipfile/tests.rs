use crate::testing;

#[track_caller]
fn check(text: &str, expected: &str) {
    testing::check("pipenv", &[("Pipfile", text)], expected);
}

const CORP: &str = "[[source]]\nname = \"corp\"\nurl = \"https://a.example/simple\"\n";
const PUBLIC: &str = "[[source]]\nname = \"pypi\"\nurl = \"https://anything.pypi.org/simple\"\n";

#[test]
fn sources() {
    check(PUBLIC, "");
    check(CORP, "safe Pipfile:3 url = \"https://a.example/simple\"");
    let both = format!("{PUBLIC}{CORP}");
    check(
        &format!("{both}[packages]\na = {{ version = \"*\", index = \"corp\" }}\n"),
        "safe Pipfile:6 url = \"https://a.example/simple\"",
    );
    check(&format!("{both}[packages]\na = \"*\"\n"), "unknown Pipfile:8 a = \"*\"");
    check(
        &format!("{both}[pipenv]\ninstall_search_all_sources = true\n"),
        "mixed high Pipfile:6 url = \"https://a.example/simple\"",
    );
    testing::check(
        "pipenv",
        &[
            ("Pipfile", &format!("{both}[pipenv]\ninstall_search_all_sources = true\n")),
            ("Pipfile.lock", "{}"),
        ],
        "mixed medium Pipfile:6 url = \"https://a.example/simple\"",
    );
    check(
        "[[source]]\nname = \"x\"\nurl = \"https://$HOST/simple\"\n",
        "unknown Pipfile:3 url = \"https://$HOST/simple\"",
    );
    check("[[source]]\nurl = \"https://a", "unknown Pipfile:2 url = \"https://a");
}
