use crate::Scheme;
use crate::tests::check_order;

/// <https://learn.microsoft.com/en-us/nuget/concepts/package-versioning#pre-release-versions>.
#[test]
fn documented_order() {
    let ascending = [
        "1.0.1-aaa",
        "1.0.1-alpha",
        "1.0.1-alpha10",
        "1.0.1-alpha2",
        "1.0.1-beta 1.0.1-BETA",
        "1.0.1-open",
        "1.0.1-rc.2",
        "1.0.1-rc.10",
        "1.0.1-zzz",
        "1.0.1 1.0.1.0 1.0.1+build 1.00.1",
        "1.0.1.1",
        "1.0.2",
    ];
    check_order(Scheme::NuGet, &ascending);
}
