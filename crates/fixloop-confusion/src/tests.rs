//! What holds whatever the text: no panic, no secret shown, the order that is promised, and an end.

use proptest::prelude::*;

use crate::testing::assess;

/// A file of each kind that is read.
const PATHS: &[&str] = &[
    ".cargo/config.toml",
    ".github/workflows/ci.yml",
    ".mvn/maven.config",
    ".npmrc",
    ".yarnrc",
    ".yarnrc.yml",
    "Cargo.lock",
    "Cargo.toml",
    "Directory.Build.props",
    "Dockerfile",
    "Gemfile",
    "NuGet.config",
    "Pipfile",
    "build.gradle.kts",
    "bunfig.toml",
    "composer.json",
    "composer.lock",
    "package-lock.json",
    "package.json",
    "pip.conf",
    "pnpm-workspace.yaml",
    "poetry.lock",
    "pom.xml",
    "pyproject.toml",
    "requirements.txt",
    "settings.xml",
    "uv.toml",
    "yarn.lock",
];

/// Pieces of all these syntaxes; about half of the texts that they make are read as something.
const PIECES: &[&str] = &[
    "\n",
    " ",
    "  ",
    "=",
    ": ",
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "\"",
    "'",
    ",",
    ";",
    "#",
    "\\",
    "$",
    "${",
    "%",
    "é",
    "<",
    ">",
    "/>",
    "</",
    "<clear />",
    "https://a.example/",
    "https://x.pypi.org/",
    "://",
    "@",
    "-r requirements.txt\n",
    "--extra-index-url ",
    "-i ",
    "PIP_INDEX_URL",
    "ENV ",
    "ARG ",
    "pip install ",
    "&& ",
    "[[source]]\n",
    "url = ",
    "[[tool.uv.index]]\n",
    "[[tool.poetry.source]]\n",
    "name = ",
    "index-strategy = ",
    "registry=",
    "@a:registry ",
    "npmScopes:\n",
    "[registries.a]\n",
    "index = ",
    "repositories",
    "maven ",
    "url ",
    "mavenCentral()",
    "exclusiveContent ",
    "<project>",
    "<repositories>",
    "<repository>",
    "<url>",
    "<id>central</id>",
    "<settings>",
    "<mirrors>",
    "<mirrorOf>*</mirrorOf>",
    "<configuration>",
    "<packageSources>",
    "<add key=\"a\" value=\"",
    "<packageSourceMapping>",
    "<package pattern=\"*\"",
    "<PropertyGroup>",
    "<RestoreSources>",
    "source ",
    " do\n",
    "gem \"a\"",
    "\"repositories\": ",
    "\"canonical\": false",
    "GOPROXY=",
    "token",
    "[install.scopes]\n",
    "\u{feff}",
    "/*",
    "//",
    "-s settings.xml ",
];

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(PIECES), 0..60).prop_map(|it| it.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_text_is_assessed(texts in prop::collection::vec((prop::sample::select(PATHS), text()), 1..6)) {
        let files: Vec<(&str, &str)> = texts.iter().map(|(path, text)| (*path, &**text)).collect();
        let checks = assess(&files);
        for check in &checks {
            prop_assert!(!check.evidence.is_empty() && !check.summary.is_empty());
            prop_assert!(crate::names(&check.path), "{}", check.path);
            prop_assert_eq!(check.severity.is_some(), check.state.is_finding());
        }
        prop_assert!(checks.is_sorted_by_key(|it| (it.path.clone(), it.line)));
        prop_assert_eq!(checks, assess(&files));
    }

    #[test]
    fn no_secret_is_shown(path in prop::sample::select(PATHS), before in text(), after in text()) {
        let text = format!("{before}https://someone:hunter2@a.example/x{after}");
        for check in assess(&[(path, &text)]) {
            prop_assert!(!check.evidence.contains("hunter2"), "{}", check.evidence);
            prop_assert!(!check.summary.contains("hunter2"), "{}", check.summary);
        }
    }
}

/// Repeats of one piece are what makes readers slow, and answers many: this would not come to an end if either grew with the square.
#[test]
fn repeats_end_and_say_little() {
    for piece in PIECES {
        let text = piece.repeat((24 << 10) / piece.len());
        let files: Vec<(&str, &str)> = PATHS.iter().map(|it| (*it, &*text)).collect();
        let checks = assess(&files);
        // A few per file, and not one per line.
        assert!(checks.len() < 8 * PATHS.len(), "{piece:?}: {}", checks.len());
    }
}
