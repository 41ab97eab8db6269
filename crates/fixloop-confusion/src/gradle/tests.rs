use crate::testing;

#[track_caller]
fn check(files: &[(&str, &str)], expected: &str) {
    testing::check("gradle", files, expected);
}

#[track_caller]
fn build(repositories: &str, expected: &str) {
    check(&[("build.gradle", &format!("repositories {{\n{repositories}\n}}\n"))], expected);
}

const CORP: &str = "maven { url = uri(\"https://maven.corp.example/r\") }";

#[test]
fn repositories() {
    build("mavenCentral()", "");
    build("mavenCentral()\nmavenLocal()\nflatDir { dirs 'libs' }", "");
    build(CORP, &format!("safe build.gradle:2 {CORP}"));
    build(&format!("{CORP}\nmavenCentral()"), &format!("mixed high build.gradle:2 {CORP}"));
    build("// maven { url \"https://a.example\" }\nmavenCentral()", "");
    build(
        "maven(\"https://a.example\")\ngoogle()",
        "mixed high build.gradle:2 maven(\"https://a.example\")",
    );
    build(
        "maven(url = \"https://a.example\")\ngoogle()",
        "mixed high build.gradle:2 maven(url = \"https://a.example\")",
    );
    build(
        "maven {\n  url 'https://a.example'\n}\ngoogle()",
        "mixed high build.gradle:3 url 'https://a.example'",
    );
    build(
        "maven {\n  setUrl(\"https://a.example\")\n}",
        "safe build.gradle:3 setUrl(\"https://a.example\")",
    );
    build("maven { url = uri(\"https://x.maven.org/m\") }\nmavenCentral()", "");
    build(
        "maven { url = uri(corpUrl) }\nmavenCentral()",
        "unknown build.gradle:2 maven { url = uri(corpUrl) }",
    );
    build(
        "maven { url \"$feed/m\" }\nmavenCentral()",
        "unknown build.gradle:2 maven { url \"$feed/m\" }",
    );
    build(
        &format!("{CORP}\nmaven {{ url \"https://b.example\" }}"),
        "unknown build.gradle:3 maven { url \"https://b.example\" }",
    );
    check(
        &[("build.gradle", "repositories {\n maven {\n")],
        "unknown build.gradle:3 gradle: `build.gradle` cannot be read: a block, string or comment has no end",
    );
    check(
        &[("build.gradle", "publishing { repositories { maven { url 'https://a.example' } } }")],
        "",
    );
}

#[test]
fn filters() {
    let exclusive = format!(
        "exclusiveContent {{\n forRepository {{ {CORP} }}\n filter {{ includeGroup(\"com.corp\") }}\n}}\nmavenCentral()"
    );
    build(&exclusive, &format!("safe build.gradle:3 forRepository {{ {CORP} }}"));
    let filtered = "maven {\n url 'https://a.example'\n content { includeGroup 'com.corp' }\n}";
    build(
        &format!("{filtered}\nmavenCentral()"),
        "mixed high build.gradle:3 url 'https://a.example'",
    );
    build(
        &format!("{filtered}\nmavenCentral {{ content {{ excludeGroup 'com.corp' }} }}"),
        "safe build.gradle:3 url 'https://a.example'",
    );
}

#[test]
fn lists_of_their_own() {
    check(
        &[(
            "settings.gradle.kts",
            "pluginManagement {\n repositories { maven(\"https://a.example/plugins\")\n gradlePluginPortal() }\n}\n\
             dependencyResolutionManagement {\n repositories {\n  maven(\"https://a.example/m\")\n }\n}\n",
        )],
        "mixed high settings.gradle.kts:2 repositories { maven(\"https://a.example/plugins\")\n\
         safe settings.gradle.kts:7 maven(\"https://a.example/m\")",
    );
    check(
        &[
            (
                "build.gradle",
                "allprojects {\n repositories {\n  maven { url 'https://a.example' }\n }\n}\n",
            ),
            ("app/build.gradle", "repositories { mavenCentral() }\n"),
        ],
        "mixed high build.gradle:3 maven { url 'https://a.example' }",
    );
}

#[test]
fn verification_pins() {
    check(
        &[
            ("app/build.gradle", &format!("repositories {{\n{CORP}\nmavenCentral()\n}}")),
            (
                "gradle/verification-metadata.xml",
                "<verification-metadata><sha256 value=\"0\"/></verification-metadata>",
            ),
        ],
        &format!("mixed medium app/build.gradle:2 {CORP}"),
    );
}
