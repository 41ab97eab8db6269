//! Another version of what other packages bring in, where a format has a way to ask for it.

use fixloop_manifest::Format;
use fixloop_manifest::edit::{
    Insertion, central_version, constrain, manage_dependency, require_indirect, set_entry,
    set_member,
};
use fixloop_match::Known;
use fixloop_model::{Component, Ecosystem, Span};
use fixloop_version::{Requirement, Scheme, Syntax};

use crate::cannot::CannotFix;
use crate::edit::TextEdit;
use crate::manifest::Manifest;
use crate::proof::{Proof, is_clear, later};
use crate::relock::{Relock, Tool, after_edit, precisely, tool};
use crate::upgrade::{Upgrade, find, is_same, upgrade};

/// A package that others bring in, and the version to have instead.
#[derive(Clone, Copy, Debug)]
pub struct Transitive<'a> {
    pub name: &'a str,
    pub from: &'a str,
    pub to: &'a str,
    /// Whether no other version of it is in use.
    pub is_alone: bool,
}

/// Raises what other packages bring in: by an override, a constraint, a managed version, or the command that updates the lockfile.
///
/// `manifest` is the one beside the lockfile, as overrides count there only.
///
/// # Errors
/// If the format has no way to ask for it, or the target is not clear.
pub fn raise_transitive(
    known: &Known<'_>,
    manifest: &Manifest<'_>,
    wanted: &Transitive<'_>,
) -> Result<Upgrade, CannotFix> {
    let is_plain = |it: char| it.is_ascii_alphanumeric() || "@/._-+:~".contains(it);
    for text in [wanted.name, wanted.from, wanted.to] {
        if text.is_empty() || text.starts_with('-') || !text.chars().all(is_plain) {
            return Err(CannotFix::Name(text.chars().take(80).collect()));
        }
    }
    let no_way = || CannotFix::NoWay(wanted.name.to_owned());
    let tool = tool(manifest.format, manifest.beside).map(|(tool, _)| tool);
    let present = find(manifest.parsed, wanted.name);
    match (manifest.format, tool) {
        (Format::GoMod | Format::RequirementsTxt, _) if let Some(index) = present => {
            upgrade(known, manifest, index, wanted.to)
        }
        (Format::PackageJson, Some(tool)) => overridden(known, manifest, wanted, tool),
        (Format::GoMod, _) => {
            let version = format!("v{}", wanted.to.trim_start_matches('v'));
            let insertion = require_indirect(manifest.text, wanted.name, &version);
            by_insertion(known, manifest, wanted, insertion, &Pin::Exactly)
        }
        (Format::Pyproject, Some(Tool::Uv)) => {
            let insertion = constrain(manifest.text, &format!("{}>={}", wanted.name, wanted.to));
            let insertion = insertion.ok_or_else(|| CannotFix::Shape("tool.uv".to_owned()))?;
            by_insertion(known, manifest, wanted, insertion, &Pin::AtLeast)
        }
        (Format::PomXml, _) => {
            let insertion = manage_dependency(manifest.text, wanted.name, wanted.to);
            let shape = || CannotFix::Shape("dependencyManagement".to_owned());
            by_insertion(known, manifest, wanted, insertion.ok_or_else(shape)?, &Pin::Exactly)
        }
        (Format::MsBuild, _) => centrally(known, manifest, wanted),
        _ => {
            let command =
                precisely(manifest.format, manifest.beside, (wanted.name, wanted.from, wanted.to));
            by_command(known, manifest, wanted, command.ok_or_else(no_way)?)
        }
    }
}

/// What an entry lets in.
enum Pin {
    Exactly,
    AtLeast,
    Requirement(Syntax, String),
}

fn by_insertion(
    known: &Known<'_>,
    manifest: &Manifest<'_>,
    wanted: &Transitive<'_>,
    insertion: Insertion,
    pin: &Pin,
) -> Result<Upgrade, CannotFix> {
    let path = manifest.beside.path().to_owned();
    let edit = TextEdit { path, span: insertion.span, text: insertion.text };
    proven(known, manifest, wanted, edit, pin)
}

/// Proves an entry: the edited manifest is read again, and what it had before has not changed.
fn proven(
    known: &Known<'_>,
    manifest: &Manifest<'_>,
    wanted: &Transitive<'_>,
    edit: TextEdit,
    pin: &Pin,
) -> Result<Upgrade, CannotFix> {
    let ecosystem = ecosystem(manifest.format).ok_or(CannotFix::Format(manifest.format.name()))?;
    is_clear(known, &ecosystem, wanted.name, wanted.to)?;
    let edits = vec![edit];
    let after = manifest.edited(&edits)?;
    let before = manifest.parsed.components.iter().filter(|it| it.name != wanted.name);
    let mut others = after.components.iter().filter(|it| it.name != wanted.name);
    for old in before {
        if !others.next().is_some_and(|new| is_same(old, new)) {
            return Err(CannotFix::Changes(old.name.clone()));
        }
    }
    let component = Component::new(ecosystem, wanted.name, Span::default());
    let requirement = match pin {
        Pin::Exactly => None,
        Pin::AtLeast => Some((Syntax::Pep440, format!(">={}", wanted.to))),
        Pin::Requirement(syntax, text) => Some((*syntax, text.clone())),
    };
    let proof = match requirement {
        None => Proof::Pinned,
        Some((syntax, text)) => {
            let unread = |_| CannotFix::NotAVersion(wanted.to.to_owned());
            let requirement = Requirement::parse(syntax, &text)
                .map_err(|_| CannotFix::NotAVersion(wanted.to.to_owned()))?;
            let target = crate::writing::scheme(syntax).parse(wanted.to).map_err(unread)?;
            later(known, &component, &requirement, &target)?
        }
    };
    Ok(Upgrade {
        name: wanted.name.to_owned(),
        from: Some(wanted.from.to_owned()),
        to: wanted.to.to_owned(),
        edits,
        is_within_requirement: true,
        proof,
        relock: after_edit(manifest.format, manifest.beside, wanted.name),
    })
}

/// npm's `overrides`, pnpm's in either file, yarn's `resolutions`.
fn overridden(
    known: &Known<'_>,
    manifest: &Manifest<'_>,
    wanted: &Transitive<'_>,
    tool: Tool,
) -> Result<Upgrade, CannotFix> {
    let requirement = format!("^{}", wanted.to);
    let pin = Pin::Requirement(Syntax::Npm, requirement.clone());
    let is_named = find(manifest.parsed, wanted.name)
        .is_some_and(|index| manifest.parsed.components[index].reach.is_direct() == Some(true));
    // Only the copies that are affected, where others are in use.
    let key = if wanted.is_alone {
        wanted.name.to_owned()
    } else {
        format!("{}@^{}", wanted.name, wanted.from)
    };
    let own = manifest.beside.path();
    let folder = own.rsplit_once('/').map_or("", |(folder, _)| folder);
    let (path, insertion, shape) = match tool {
        Tool::Npm => {
            // npm wants an override of what the project itself names to be the same requirement.
            let value =
                if is_named && wanted.is_alone { format!("${}", wanted.name) } else { requirement };
            (own.to_owned(), set_member(manifest.text, &["overrides"], &key, &value), "overrides")
        }
        Tool::Pnpm => {
            let in_manifest =
                manifest.text.contains("\"pnpm\"") && manifest.text.contains("\"overrides\"");
            if in_manifest {
                let insertion =
                    set_member(manifest.text, &["pnpm", "overrides"], &key, &requirement);
                (own.to_owned(), insertion, "pnpm.overrides")
            } else {
                let name = "pnpm-workspace.yaml";
                let path =
                    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
                let text = manifest.text_of(&path);
                let insertion =
                    set_entry(text.as_deref().unwrap_or(""), "overrides", &key, &requirement);
                (path, insertion, "overrides")
            }
        }
        Tool::Yarn if !wanted.is_alone => {
            return Err(CannotFix::SeveralVersions(wanted.name.to_owned()));
        }
        Tool::Yarn => {
            let insertion = set_member(manifest.text, &["resolutions"], &key, &requirement);
            (own.to_owned(), insertion, "resolutions")
        }
        _ => return Err(CannotFix::NoWay(wanted.name.to_owned())),
    };
    let insertion = insertion.ok_or_else(|| CannotFix::Shape(shape.to_owned()))?;
    let edit = TextEdit { path, span: insertion.span, text: insertion.text };
    proven(known, manifest, wanted, edit, &pin)
}

/// A central version, which holds for packages that others bring in if the project pins those, too.
fn centrally(
    known: &Known<'_>,
    manifest: &Manifest<'_>,
    wanted: &Transitive<'_>,
) -> Result<Upgrade, CannotFix> {
    let no_way = || CannotFix::NoWay(wanted.name.to_owned());
    let props = manifest.beside.upwards("Directory.Packages.props").next().ok_or_else(no_way)?;
    if !props.text.contains("<CentralPackageTransitivePinningEnabled>true<") {
        return Err(no_way());
    }
    let insertion = central_version(&props.text, wanted.name, wanted.to)
        .ok_or_else(|| CannotFix::Shape("ItemGroup".to_owned()))?;
    let edit = TextEdit { path: props.path, span: insertion.span, text: insertion.text };
    proven(known, manifest, wanted, edit, &Pin::Exactly)
}

/// The lockfile alone decides; the command takes the target if whoever brings the package in admits it.
fn by_command(
    known: &Known<'_>,
    manifest: &Manifest<'_>,
    wanted: &Transitive<'_>,
    command: Relock,
) -> Result<Upgrade, CannotFix> {
    let ecosystem = ecosystem(manifest.format).ok_or(CannotFix::Format(manifest.format.name()))?;
    is_clear(known, &ecosystem, wanted.name, wanted.to)?;
    if !is_compatible(&ecosystem, wanted) {
        return Err(CannotFix::Incompatible {
            name: wanted.name.to_owned(),
            from: wanted.from.to_owned(),
            to: wanted.to.to_owned(),
        });
    }
    Ok(Upgrade {
        name: wanted.name.to_owned(),
        from: Some(wanted.from.to_owned()),
        to: wanted.to.to_owned(),
        edits: Vec::new(),
        is_within_requirement: true,
        proof: Proof::ByCommand,
        relock: Some(command),
    })
}

/// Whether a requirement that was met by the version in use is likely met by the target: the caret's rule, as Cargo has it.
fn is_compatible(ecosystem: &Ecosystem, wanted: &Transitive<'_>) -> bool {
    if *ecosystem != Ecosystem::CRATES_IO {
        // Their requirements are too various to tell; the command does.
        return true;
    }
    let requirement =
        Requirement::parse(Syntax::Cargo, wanted.from.split('+').next().unwrap_or(""));
    let target = Scheme::SemVer.parse(wanted.to);
    matches!((requirement, target), (Ok(requirement), Ok(target)) if requirement.admits(&target))
}

fn ecosystem(format: Format) -> Option<Ecosystem> {
    Some(match format {
        Format::CargoToml => Ecosystem::CRATES_IO,
        Format::ComposerJson => Ecosystem::PACKAGIST,
        Format::Gemfile => Ecosystem::RUBYGEMS,
        Format::GoMod => Ecosystem::GO,
        Format::MsBuild => Ecosystem::NUGET,
        Format::PackageJson => Ecosystem::NPM,
        Format::Pipfile | Format::Pyproject | Format::RequirementsTxt => Ecosystem::PYPI,
        Format::PomXml | Format::VersionCatalog => Ecosystem::MAVEN,
        _ => return None,
    })
}
