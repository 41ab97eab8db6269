//! Go: `GOPROXY`, `GOPRIVATE`, `GONOPROXY`, `GONOSUMDB` and `GOSUMDB` of build files and `go.env`.
//!
//! A module's name is an address, so no source can answer for a name of somebody else: there is nothing to mix, and every answer is
//! safe or unknown. What can happen is a leak: names of private modules are told to the public proxy and checksum database unless
//! `GOPRIVATE` (or the two `GONO…`) covers them (<https://go.dev/ref/mod#private-modules>).

#[cfg(test)]
mod tests;

use fixloop_model::BuildCheck;

use crate::answer::Manager;
use crate::env::{Script, Setting};
use crate::feed::{Feed, Kind};

const MANAGER: Manager = Manager {
    name: "go",
    fix: "set `GOPRIVATE` to the hosts of private modules",
    url: "https://go.dev/ref/mod#private-modules",
};

pub(crate) fn assess(scripts: &[Script]) -> Vec<BuildCheck> {
    scripts.iter().filter_map(assess_script).collect()
}

fn assess_script(script: &Script) -> Option<BuildCheck> {
    let setting = |name| script.settings.iter().rfind(|it| it.name == name);
    let value = |name| setting(name).and_then(|it: &Setting| it.value.as_deref()).unwrap_or("");
    let names = ["GOPROXY", "GOPRIVATE", "GONOPROXY", "GONOSUMDB"];
    let declared = names.into_iter().find_map(setting)?;
    let outside = names.into_iter().filter_map(setting).find(|it| {
        let is_variable = |it: &str| crate::feed::variable(it).is_some();
        it.value.as_deref().is_none_or(is_variable)
    });
    if let Some(outside) = outside {
        let why = format!("`{}` is given from outside, and no file says what it is", outside.name);
        return Some(MANAGER.unknown(&outside.place, &why));
    }
    let proxies =
        value("GOPROXY").split([',', '|']).filter(|it| !["", "direct", "off"].contains(it));
    let feeds: Vec<Feed> = proxies
        .map(|it| Feed::new("Go", it, declared.place.clone()))
        .take(crate::answer::MAX_FEEDS)
        .collect();
    let is_private = feeds.iter().any(|it| it.kind == Kind::Private);
    let covers = |name| !value(name).is_empty() || !value("GOPRIVATE").is_empty();
    let has_database = value("GOSUMDB") != "off";
    let asks_public = value("GOPROXY").is_empty() || feeds.iter().any(Feed::is_public);
    let told = match (covers("GONOSUMDB") || !has_database, covers("GONOPROXY") || !asks_public) {
        (true, true) if is_private || covers("GONOPROXY") => None,
        // The public proxy alone is what everybody has.
        (true, true) => return None,
        (false, true) => Some("the public checksum database"),
        (true, false) => Some("the public proxy"),
        (false, false) if !is_private && value("GONOPROXY").is_empty() => return None,
        (false, false) => Some("the public proxy and checksum database"),
    };
    let why = match told {
        None => "module names are addresses, and private ones are told to nobody".to_owned(),
        Some(whom) => {
            format!(
                "module names are addresses, so nothing is mixed; but a leak: private ones are told to {whom}, for want of `GOPRIVATE`"
            )
        }
    };
    Some(MANAGER.safe(&declared.place, &why))
}
