//! Versions and requirements of every scheme: no panic, and comparing is antisymmetric.
#![no_main]

use fixloop_version::{Requirement, Scheme, Syntax, pep508};
use libfuzzer_sys::fuzz_target;

const SYNTAXES: &[(Syntax, Scheme)] = &[
    (Syntax::Npm, Scheme::SemVer),
    (Syntax::Cargo, Scheme::SemVer),
    (Syntax::Pep440, Scheme::Pep440),
    (Syntax::Composer, Scheme::Packagist),
    (Syntax::RubyGems, Scheme::RubyGems),
    (Syntax::NuGet, Scheme::NuGet),
    (Syntax::Maven, Scheme::Maven),
    (Syntax::Pub, Scheme::Pub),
    (Syntax::Hex, Scheme::SemVer),
    (Syntax::Go, Scheme::SemVer),
];

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (left, right) = text.split_once('\n').unwrap_or((text, "1.0"));
    for scheme in Scheme::ALL {
        if let (Ok(a), Ok(b)) = (scheme.parse(left), scheme.parse(right)) {
            assert_eq!(a.cmp(&b), b.cmp(&a).reverse());
            assert!(a.cmp(&a).is_eq());
        }
    }
    for (syntax, scheme) in SYNTAXES {
        if let (Ok(requirement), Ok(version)) = (Requirement::parse(*syntax, left), scheme.parse(right)) {
            // By text, since `===` is.
            let is_exact = requirement.exact() == Some(right);
            assert!(!is_exact || requirement.admits(&version) || version.is_prerelease());
            requirement.selected();
        }
    }
    if let Ok(it) = pep508::parse(left) {
        assert!(left.get(it.name).is_some());
    }
});
