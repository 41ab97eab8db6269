use crate::testing;

#[track_caller]
fn check(files: &[(&str, &str)], expected: &str) {
    testing::check("maven", files, expected);
}

fn repository(id: &str, url: &str) -> String {
    format!("<repository>\n<id>{id}</id>\n<url>{url}</url>\n</repository>")
}

fn pom(repositories: &str, rest: &str) -> String {
    format!("<project>\n<repositories>\n{repositories}\n</repositories>\n{rest}</project>")
}

fn settings(of: &str, url: &str) -> String {
    format!(
        "<settings>\n<mirrors>\n<mirror>\n<id>m</id>\n<mirrorOf>{of}</mirrorOf>\n<url>{url}</url>\n</mirror>\n</mirrors>\n</settings>"
    )
}

const CORP: &str = "https://u:p@maven.corp.example/releases";
const LINE: &str = "<url>https://maven.corp.example/releases</url>";

#[test]
fn repositories_of_a_pom() {
    check(&[("pom.xml", "<project><artifactId>a</artifactId></project>")], "");
    check(&[("pom.xml", &pom(&repository("x", "https://anything.apache.org/m"), ""))], "");
    let corp = repository("corp", CORP);
    check(&[("pom.xml", &pom(&corp, ""))], &format!("mixed high pom.xml:5 {LINE}"));
    check(
        &[("pom.xml", &pom(&repository("central", CORP), ""))],
        &format!("safe pom.xml:5 {LINE}"),
    );
    let off = "<repository><id>central</id><url>https://x.maven.org/m</url>\
        <releases><enabled>false</enabled></releases><snapshots><enabled>false</enabled></snapshots></repository>";
    check(&[("pom.xml", &pom(&format!("{corp}\n{off}"), ""))], &format!("safe pom.xml:5 {LINE}"));
    check(
        &[(
            "pom.xml",
            &pom(
                &format!(
                    "{}\n{}",
                    repository("central", CORP),
                    repository("b", "https://b.example/m")
                ),
                "",
            ),
        )],
        "unknown pom.xml:9 <url>https://b.example/m</url>",
    );
    check(
        &[("pom.xml", &pom(&repository("central", "${corp.url}"), ""))],
        "unknown pom.xml:5 <url>${corp.url}</url>",
    );
    check(
        &[(
            "pom.xml",
            &pom(
                &repository("corp", "${corp.url}"),
                "<properties><corp.url>https://a.example</corp.url></properties>",
            ),
        )],
        "mixed high pom.xml:5 <url>${corp.url}</url>",
    );
    check(
        &[(
            "pom.xml",
            "<project><repositories><repository><url>https://a.example</url>\n</project",
        )],
        "unknown pom.xml:1 <project><repositories><repository><url>https://a.example</url>",
    );
}

#[test]
fn plugins_have_a_list_of_their_own() {
    let plugins = "<pluginRepositories><pluginRepository>\n<url>https://p.example</url></pluginRepository></pluginRepositories>";
    check(
        &[("pom.xml", &pom(&repository("central", CORP), plugins))],
        &format!(
            "safe pom.xml:5 {LINE}\nmixed high pom.xml:9 <url>https://p.example</url></pluginRepository></pluginRepositories></project>"
        ),
    );
}

#[test]
fn parents_in_the_tree() {
    let child = "<project><parent><artifactId>p</artifactId></parent>\n<repositories>\n".to_owned()
        + &repository("corp", CORP)
        + "</repositories></project>";
    check(
        &[("pom.xml", &pom(&repository("central", CORP), "")), ("a/pom.xml", &child)],
        &format!("safe a/pom.xml:5 {LINE}\nsafe pom.xml:5 {LINE}"),
    );
}

#[test]
fn settings_and_mirrors() {
    let corp = pom(&repository("corp", CORP), "");
    let of = |mirror: &str, expected: &str| {
        check(
            &[
                ("pom.xml", &corp),
                (".mvn/settings.xml", &settings(mirror, "https://m.example/all")),
                (".mvn/maven.config", "-B -s .mvn/settings.xml"),
            ],
            expected,
        );
    };
    let mirror = "safe .mvn/settings.xml:6 <url>https://m.example/all</url>";
    of("*", mirror);
    of("external:*", mirror);
    // The private repository stays beside the mirror, whose upstreams nobody sees.
    of("*,!corp", "unknown .mvn/settings.xml:6 <url>https://m.example/all</url>");
    of("corp", "mixed high .mvn/settings.xml:6 <url>https://m.example/all</url>");
    of("external:http:*", &format!("mixed high pom.xml:5 {LINE}"));
    // Nothing makes every build use it.
    check(
        &[("pom.xml", &corp), ("ci/settings.xml", &settings("*", "https://m.example/all"))],
        &format!(
            "safe ci/settings.xml:6 <url>https://m.example/all</url>\nunknown pom.xml:5 {LINE}"
        ),
    );
    check(
        &[("settings.xml", &settings("central", "${env.MIRROR}"))],
        "unknown settings.xml:6 <url>${env.MIRROR}</url>",
    );
    let profile = format!(
        "<settings><profiles><profile>\n<repositories>\n{}</repositories></profile></profiles></settings>",
        repository("corp", CORP)
    );
    check(&[("settings.xml", &profile)], &format!("mixed high settings.xml:5 {LINE}"));
    check(&[("settings.xml", "<settings><mirrors>\n<")], "unknown settings.xml:2 <");
    check(&[("settings.xml", "<other/>")], "");
}
