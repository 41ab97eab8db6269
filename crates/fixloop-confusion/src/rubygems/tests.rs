use crate::testing;

#[track_caller]
fn check(text: &str, expected: &str) {
    testing::check("bundler", &[("Gemfile", text)], expected);
}

const PUBLIC: &str = "source 'https://anything.rubygems.org'\n";

#[test]
fn sources() {
    check(PUBLIC, "");
    check("source \"https://u:p@a.example\"\n", "safe Gemfile:1 source \"https://a.example\"");
    check(
        &format!("{PUBLIC}source \"https://a.example\"\ngem \"corp\"\n"),
        "mixed high Gemfile:2 source \"https://a.example\"",
    );
    check(
        &format!("{PUBLIC}source \"https://a.example\" do\n  gem \"corp\"\nend\n"),
        "safe Gemfile:2 source \"https://a.example\" do",
    );
    check(
        &format!("{PUBLIC}gem \"corp\", source: \"https://a.example\"\n"),
        "safe Gemfile:2 gem \"corp\", source: \"https://a.example\"",
    );
    check(&format!("{PUBLIC}# source \"https://a.example\"\n"), "");
    check(&format!("{PUBLIC}source ENV[\"GEMS\"]\n"), "unknown Gemfile:2 source ENV[\"GEMS\"]");
    check(
        "source \"https://#{ENV['HOST']}/gems\"\n",
        "unknown Gemfile:1 source \"https://#{ENV['HOST']}/gems\"",
    );
    check(
        "source \"https://a.example\"\nsource \"https://b.example\"\n",
        "unknown Gemfile:2 source \"https://b.example\"",
    );
    testing::check(
        "bundler",
        &[
            ("gems.rb", &format!("{PUBLIC}source(\"https://a.example\")\n")),
            ("gems.locked", "GEM\n\nCHECKSUMS\n  corp (1.0) sha256=0\n"),
        ],
        "mixed medium gems.rb:2 source(\"https://a.example\")",
    );
    check("\0", "unknown Gemfile bundler: `Gemfile` cannot be read: no UTF-8");
}
