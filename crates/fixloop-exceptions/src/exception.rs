//! What an exception covers.

use fixloop_manifest::PackageUrl;
use fixloop_model::{BuildCheck, Class, Finding, Place, normalize_name};
use globset::GlobMatcher;
use jiff::civil::Date;

/// One accepted finding, or a set of them.
#[derive(Clone, Debug)]
pub struct Exception {
    /// Any id of the alias group; every advisory of the package if there is none.
    pub id: Option<Vulnerability>,
    /// The package, at one version if that is given; every package that the advisory is found in if there is none.
    pub packages: Vec<PackageUrl>,
    /// The id of a build rule: then it is about what that finds, and about no package.
    pub rule: Option<String>,
    /// Where it holds; everywhere if there is none.
    pub path: Option<PathPattern>,
    pub reason: String,
    pub owner: Option<String>,
    /// The last day on which it holds.
    pub expires: Option<Date>,
    pub place: Place,
    /// Whether it is worth a finding that it covers nothing: a supplier's document speaks of many products.
    pub must_be_used: bool,
}

/// The ids by which one vulnerability is known to the exception.
#[derive(Clone, Debug)]
pub struct Vulnerability(pub Vec<String>);

/// A folder, file or glob relative to the root.
#[derive(Clone, Debug)]
pub struct PathPattern {
    pub written: String,
    pub(crate) itself: GlobMatcher,
    pub(crate) below: GlobMatcher,
}

/// Something in an exceptions file that has no effect, and why.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fault {
    pub place: Place,
    /// What it is about: an id, a package, a key.
    pub subject: String,
    pub reason: String,
}

/// Everything that was read from one or more files.
#[derive(Clone, Debug, Default)]
pub struct Exceptions {
    pub exceptions: Vec<Exception>,
    pub faults: Vec<Fault>,
}

impl Exception {
    /// What it is known by in messages.
    pub fn subject(&self) -> String {
        let id = self.id.as_ref().and_then(|it| it.0.first());
        match (id, self.packages.first()) {
            (Some(id), _) => id.clone(),
            (None, Some(package)) => package.written.clone(),
            (None, None) => self.rule.clone().unwrap_or_default(),
        }
    }

    /// Whether it is about this advisory and package, wherever that stands.
    pub(crate) fn is_about(&self, finding: &Finding) -> bool {
        if self.rule.is_some() {
            return false;
        }
        let has_id = |it: &Vulnerability| {
            it.0.iter().any(|id| finding.ids.iter().any(|of| of.eq_ignore_ascii_case(id)))
        };
        let is_of_id = match &self.id {
            Some(id) => has_id(id),
            // That a package turns malicious is not what anybody accepted in advance.
            None => finding.class != Class::Malicious,
        };
        is_of_id && (self.packages.is_empty() || self.packages.iter().any(|it| names(it, finding)))
    }

    /// Whether it is about what a build rule found.
    pub(crate) fn is_about_check(&self, check: &BuildCheck) -> bool {
        self.rule.as_ref() == Some(&check.rule) && self.holds_at(&check.path)
    }

    /// Whether it holds for what stands in the file at `path`.
    pub(crate) fn holds_at(&self, path: &str) -> bool {
        let is_it = |it: &PathPattern| it.itself.is_match(path) || it.below.is_match(path);
        self.path.as_ref().is_none_or(is_it)
    }
}

fn names(package: &PackageUrl, finding: &Finding) -> bool {
    let of_package = package.ecosystem.as_str();
    let base = finding.ecosystem.split(':').next().unwrap_or("");
    (of_package == finding.ecosystem || of_package == base)
        && normalize_name(of_package, &package.name) == normalize_name(of_package, &finding.name)
        && package
            .version
            .as_ref()
            .is_none_or(|it| it.trim_start_matches('v') == finding.version.trim_start_matches('v'))
}
