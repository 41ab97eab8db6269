use crate::testing;

#[track_caller]
fn check(text: &str, expected: &str) {
    testing::check("pdm", &[("pyproject.toml", text)], expected);
}

const CORP: &str =
    "[[tool.pdm.source]]\nname = \"corp\"\nurl = \"https://${U}:${P}@a.example/simple\"\n";
const PUBLIC: &str =
    "[[tool.pdm.source]]\nname = \"pypi\"\nurl = \"https://anything.pypi.org/simple\"\n";
const ORDER: &str = "[tool.pdm.resolution]\nrespect-source-order = true\n";

#[test]
fn sources() {
    let line = "url = \"https://a.example/simple\"";
    check("[tool.pdm]\ndistribution = true\n", "");
    check(CORP, &format!("mixed high pyproject.toml:3 {line}"));
    check(&CORP.replace("\"corp\"", "\"pypi\""), &format!("safe pyproject.toml:3 {line}"));
    check(&format!("{CORP}{PUBLIC}"), &format!("mixed high pyproject.toml:3 {line}"));
    check(&format!("{CORP}{PUBLIC}{ORDER}"), &format!("safe pyproject.toml:3 {line}"));
    // The public registry comes first where it is not declared.
    check(&format!("{CORP}{ORDER}"), &format!("mixed high pyproject.toml:3 {line}"));
    check(
        &format!("{CORP}include_packages = [\"corp-*\"]\n"),
        &format!("safe pyproject.toml:3 {line}"),
    );
    check(
        "[[tool.pdm.source]]\nname = \"pypi\"\nurl = \"${FEED}\"\n",
        "unknown pyproject.toml:3 url = \"${FEED}\"",
    );
    testing::check(
        "pdm",
        &[("pyproject.toml", CORP), ("pdm.lock", "")],
        &format!("mixed medium pyproject.toml:3 {line}"),
    );
}
