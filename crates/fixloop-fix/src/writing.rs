//! How each format writes versions and requirements.

use fixloop_manifest::Format;
use fixloop_model::Component;
use fixloop_version::{Requirement, Scheme, Syntax, Version};

use crate::cannot::CannotFix;

/// The syntax of a format's requirements; `None` for what is no manifest or is not edited.
pub(crate) fn syntax(format: Format) -> Option<Syntax> {
    Some(match format {
        Format::CargoToml => Syntax::Cargo,
        Format::ComposerJson => Syntax::Composer,
        Format::Gemfile => Syntax::RubyGems,
        Format::GoMod => Syntax::Go,
        Format::MsBuild => Syntax::NuGet,
        Format::PackageJson => Syntax::Npm,
        Format::Pipfile | Format::Pyproject | Format::RequirementsTxt => Syntax::Pep440,
        Format::PomXml | Format::VersionCatalog => Syntax::Maven,
        _ => return None,
    })
}

/// A requirement with the syntax that reads it, and the version to reach in that syntax's order.
pub(crate) fn read(format: Format, written: &str, to: &str) -> Option<(Requirement, Version)> {
    let own = syntax(format)?;
    // Poetry writes carets, tildes and stars as npm does, for versions of PEP 440.
    let poetry = (format == Format::Pyproject).then_some(Syntax::Npm);
    // Pipfiles have a star for any version.
    let star = (format == Format::Pipfile && written == "*").then_some("");
    let written = star.unwrap_or(written);
    [Some(own), poetry].into_iter().flatten().find_map(|syntax| {
        let scheme = if syntax == own { scheme(own) } else { Scheme::SemVer };
        let requirement = Requirement::parse(syntax, written).ok()?;
        Some((requirement, scheme.parse(to).ok()?))
    })
}

/// `written` raised to `to` in the first syntax of the format that reads it.
pub(crate) fn raised(format: Format, written: &str, to: &str) -> Option<String> {
    let own = syntax(format)?;
    // Gradle's dynamic versions are words to Maven.
    let is_dynamic = written.contains(['+', '!']) || written.starts_with("latest.");
    if format == Format::VersionCatalog && is_dynamic {
        return None;
    }
    let written = if format == Format::Pipfile && written == "*" { "" } else { written };
    let in_syntax = |syntax: Syntax, scheme: Scheme| {
        Requirement::raised(syntax, written, &scheme.parse(to).ok()?)
    };
    let raised = in_syntax(own, scheme(own));
    if format == Format::Pyproject && raised.is_none() {
        // Comparators stand between commas there.
        return in_syntax(Syntax::Npm, Scheme::SemVer).map(|it| it.replace(" >=", ",>="));
    }
    raised
}

pub(crate) fn scheme(syntax: Syntax) -> Scheme {
    match syntax {
        Syntax::Npm | Syntax::Cargo | Syntax::Hex | Syntax::Go => Scheme::SemVer,
        Syntax::Pep440 => Scheme::Pep440,
        Syntax::Composer => Scheme::Packagist,
        Syntax::RubyGems => Scheme::RubyGems,
        Syntax::NuGet => Scheme::NuGet,
        Syntax::Maven => Scheme::Maven,
        Syntax::Pub => Scheme::Pub,
    }
}

/// What to put where the component's version or requirement stands as `slice`; `quote` stands before that.
pub(crate) fn rewritten(
    format: Format,
    component: &Component,
    slice: &str,
    quote: char,
    to: &str,
) -> Result<String, CannotFix> {
    let name = || component.name.clone();
    if slice.contains("${") || slice.contains("$(") {
        return Err(CannotFix::Composed { name: name(), written: slice.to_owned() });
    }
    if let Some(version) = &component.version {
        if slice != version {
            return Err(CannotFix::Composed { name: name(), written: slice.to_owned() });
        }
        if format == Format::GoMod {
            let other = || CannotFix::OtherModule { name: name(), to: to.to_owned() };
            return raised(format, version, to).ok_or_else(other);
        }
        let is_marked = version.starts_with('v') && !to.starts_with('v');
        return Ok(if is_marked { format!("v{to}") } else { to.to_owned() });
    }
    let Some(written) = &component.requirement else { return Err(CannotFix::NoVersion(name())) };
    let refused = || CannotFix::Requirement { written: written.clone(), to: to.to_owned() };
    let raised = raised(format, written, to).ok_or_else(refused)?;
    // Each clause of a gem's requirement is a text of its own.
    Ok(if format == Format::Gemfile {
        raised.replace(", ", &format!("{quote}, {quote}"))
    } else {
        raised
    })
}
