use crate::testing;

#[track_caller]
fn check(files: &[(&str, &str)], expected: &str) {
    testing::check("nuget", files, expected);
}

#[track_caller]
fn config(sources: &str, rest: &str, expected: &str) {
    let text = format!(
        "<configuration>\n<packageSources>\n{sources}\n</packageSources>\n{rest}\n</configuration>"
    );
    check(&[("NuGet.config", &text)], expected);
}

const CORP: &str = "<add key=\"corp\" value=\"https://nuget.corp.example/v3/index.json\" />";
const PUBLIC: &str = "<add key=\"nuget.org\" value=\"https://anything.nuget.org/v3/index.json\" />";

fn line(state: &str, number: usize) -> String {
    format!("{state} NuGet.config:{number} {CORP}")
}

#[test]
fn sources() {
    config(PUBLIC, "", "");
    config(CORP, "", &line("mixed high", 3));
    config(&format!("<clear />\n{CORP}"), "", &line("safe", 4));
    config(&format!("<clear />\n{CORP}\n{PUBLIC}"), "", &line("mixed high", 4));
    config(&format!("{CORP}\n<clear />\n{PUBLIC}"), "", "");
    config(
        &format!("<clear />\n{CORP}\n<add key=\"other\" value=\"https://b.example/\" />"),
        "",
        "unknown NuGet.config:5 <add key=\"other\" value=\"https://b.example/\" />",
    );
    config(
        "<clear />\n<add key=\"local\" value=\"./packages\" />\n<add key=\"n\" value=\"https://x.nuget.org/\" />",
        "",
        "mixed medium NuGet.config:4 <add key=\"local\" value=\"./packages\" />",
    );
    config(
        "<clear />\n<add key=\"corp\" value=\"%FEED%\" />",
        "",
        "unknown NuGet.config:4 <add key=\"corp\" value=\"%FEED%\" />",
    );
    let off = "<disabledPackageSources>\n<add key=\"NuGet.org\" value=\"true\" />\n</disabledPackageSources>";
    config(&format!("{CORP}\n{PUBLIC}"), off, &line("safe", 3));
    config(CORP, off, &line("safe", 3));
    config(
        "<add key=\"corp\" value=\"https://a.example/\" />\n<add key=\"Corp\" value=\"https://b.example/\" />",
        "",
        "unknown NuGet.config:4 <add key=\"Corp\" value=\"https://b.example/\" />",
    );
    check(
        &[("a/nuget.config", "<configuration><packageSources>\n<add key=\"a\" value=")],
        "unknown a/nuget.config:2 <add key=\"a\" value=",
    );
    check(
        &[("NuGet.Config", "")],
        "unknown NuGet.Config:1 nuget: `NuGet.Config` cannot be read: no XML element",
    );
}

fn mapping(corp: &[&str], public: &[&str]) -> String {
    let patterns = |it: &[&str]| {
        let each: Vec<String> =
            it.iter().map(|it| format!("<package pattern=\"{it}\" />")).collect();
        each.concat()
    };
    format!(
        "<packageSourceMapping>\n<packageSource key=\"corp\">{}</packageSource>\n<packageSource key=\"nuget.org\">{}</packageSource>\n</packageSourceMapping>",
        patterns(corp),
        patterns(public)
    )
}

#[test]
fn mappings() {
    let both = format!("{CORP}\n{PUBLIC}");
    let state = |corp: &[&str], public: &[&str], expected: &str| {
        let text = format!(
            "<configuration><packageSources>{both}</packageSources>{}</configuration>",
            mapping(corp, public)
        );
        let checks = testing::assess(&[("nuget.config", &text)]);
        let found: Vec<_> = checks.iter().map(|it| (it.state.as_str(), it.line)).collect();
        assert_eq!(found.first().map(|it| it.0), Some(expected), "{checks:#?}");
    };
    state(&["Corp.*"], &["*"], "safe");
    state(&["Corp.*", "Internal"], &["*"], "safe");
    state(&["*"], &["*"], "mixed");
    state(&["Corp.*"], &["*", "Corp.*"], "mixed");
    state(&["Corp.*"], &["*", "Corp.Open.*"], "mixed");
    state(&["Corp.*"], &["*", "corp.open"], "mixed");
    state(&["Corp.Internal.*"], &["Corp.*"], "safe");
    // The private source answers for what is named nowhere else.
    state(&["*"], &["Newtonsoft.*"], "safe");
}

#[test]
fn files_are_merged_from_the_root() {
    let of = |sources: &str| {
        format!("<configuration><packageSources>\n{sources}\n</packageSources></configuration>")
    };
    check(
        &[("NuGet.config", &of(&format!("<clear />{PUBLIC}"))), ("src/NuGet.config", &of(CORP))],
        &format!("mixed high src/NuGet.config:2 {CORP}"),
    );
    check(
        &[("NuGet.config", &of(PUBLIC)), ("src/nuget.config", &of(&format!("<clear />\n{CORP}")))],
        &format!("safe src/nuget.config:3 {CORP}"),
    );
    check(
        &[("NuGet.config", &of(CORP)), ("src/a/packages.lock.json", "{}")],
        &format!("mixed medium NuGet.config:2 {CORP}"),
    );
    // Nobody knows what the broken file would have changed.
    check(
        &[
            ("NuGet.config", "<configuration"),
            ("src/nuget.config", &of(&format!("<clear />\n{CORP}"))),
        ],
        "unknown NuGet.config:1 <configuration",
    );
}

#[test]
fn sources_of_projects() {
    let project = |property: &str, expected: &str| {
        let text = format!("<Project><PropertyGroup>\n{property}\n</PropertyGroup></Project>");
        check(&[("src/Directory.Build.props", &text)], expected);
    };
    let only = |value: &str| format!("<RestoreSources>{value}</RestoreSources>");
    let corp = "https://nuget.corp.example/v3/index.json";
    project("<Nullable>enable</Nullable>", "");
    project(&only(corp), &format!("safe src/Directory.Build.props:2 {}", only(corp)));
    let both = only(&format!("{corp};https://x.nuget.org/v3"));
    project(&both, &format!("mixed high src/Directory.Build.props:2 {both}"));
    let variable = only("$(CorpFeed)");
    project(&variable, &format!("unknown src/Directory.Build.props:2 {variable}"));
    project(
        &format!("<CorpFeed>{corp}</CorpFeed>\n{variable}"),
        &format!("safe src/Directory.Build.props:3 {variable}"),
    );
    let more = format!("<RestoreAdditionalProjectSources>{corp}</RestoreAdditionalProjectSources>");
    project(&more, &format!("mixed high src/Directory.Build.props:2 {more}"));
}
