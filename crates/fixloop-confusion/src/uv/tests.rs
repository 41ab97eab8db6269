use crate::testing;

#[track_caller]
fn check(files: &[(&str, &str)], expected: &str) {
    testing::check("uv", files, expected);
}

#[track_caller]
fn project(text: &str, expected: &str) {
    check(&[("pyproject.toml", text)], expected);
}

const CORP: &str =
    "[[tool.uv.index]]\nname = \"corp\"\nurl = \"https://pypi.corp.example/simple\"\n";
const PUBLIC: &str =
    "[[tool.uv.index]]\nname = \"pypi\"\nurl = \"https://anything.pypi.org/simple\"\n";

#[test]
fn indexes() {
    project("[project]\nname = \"a\"\n", "");
    project("[tool.uv]\ndev-dependencies = []\n", "");
    project(CORP, "safe pyproject.toml:3 url = \"https://pypi.corp.example/simple\"");
    project(
        &format!("{PUBLIC}{CORP}"),
        "mixed high pyproject.toml:6 url = \"https://pypi.corp.example/simple\"",
    );
    project(
        &format!("{PUBLIC}default = true\n{CORP}"),
        "safe pyproject.toml:7 url = \"https://pypi.corp.example/simple\"",
    );
    project(
        &format!("{PUBLIC}{CORP}explicit = true\n"),
        "safe pyproject.toml:6 url = \"https://pypi.corp.example/simple\"",
    );
    project(
        &format!("{CORP}default = true\n"),
        "safe pyproject.toml:3 url = \"https://pypi.corp.example/simple\"",
    );
    project(
        &format!("[tool.uv]\nindex-strategy = \"unsafe-best-match\"\n{CORP}"),
        "mixed high pyproject.toml:5 url = \"https://pypi.corp.example/simple\"",
    );
    project(
        "[tool.uv]\nfind-links = [\"./wheels\"]\n",
        "mixed medium pyproject.toml:2 find-links = [\"./wheels\"]",
    );
    project(
        "[tool.uv.pip]\nextra-index-url = [\"https://a.example/\"]\nindex-strategy = \"unsafe-first-match\"",
        "mixed high pyproject.toml:2 extra-index-url = [\"https://a.example/\"]",
    );
    project(
        "[[tool.uv.index]]\nurl = \"https://a.example/\nname = \"x\"",
        "unknown pyproject.toml:2 url = \"https://a.example/",
    );
}

#[test]
fn own_file_and_lockfile() {
    check(
        &[
            ("pyproject.toml", &format!("{PUBLIC}{CORP}")),
            ("uv.toml", "[[index]]\nurl = \"https://a.example/\"\n"),
        ],
        "safe uv.toml:2 url = \"https://a.example/\"",
    );
    check(
        &[("pyproject.toml", &format!("{PUBLIC}{CORP}")), ("uv.lock", "version = 1\n")],
        "mixed medium pyproject.toml:6 url = \"https://pypi.corp.example/simple\"",
    );
}

#[test]
fn variables() {
    let docker = |text: &str, expected: &str| check(&[("Dockerfile", text)], expected);
    docker(
        "ENV UV_INDEX=corp=https://a.example/s\n",
        "safe Dockerfile:1 ENV UV_INDEX=corp=https://a.example/s",
    );
    docker("ENV UV_DEFAULT_INDEX=$FEED\n", "unknown Dockerfile:1 ENV UV_DEFAULT_INDEX=$FEED");
    docker(
        "ENV UV_EXTRA_INDEX_URL=https://a.example UV_INDEX_STRATEGY=unsafe-best-match\n",
        "mixed high Dockerfile:1 ENV UV_EXTRA_INDEX_URL=https://a.example UV_INDEX_STRATEGY=unsafe-best-match",
    );
    docker("ARG UV_INDEX_URL\n", "unknown Dockerfile:1 ARG UV_INDEX_URL");
}
