//! What a client says of itself in `initializationOptions`. Nothing here is required, and what is wrong is told and left out.

use std::path::PathBuf;

use fixloop_client::PolicyPlace;
use serde_json::Value;

use crate::main_loop::Environment;

#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Options {
    /// The advisory index; the environment's default if there is none.
    pub(crate) index: Option<PathBuf>,
    pub(crate) mode: Mode,
    /// Path or address of the policy, and its key; the environment's if there is none.
    pub(crate) policy: Option<String>,
    pub(crate) policy_key: Option<String>,
    /// Where events are kept; the user's place if there is none.
    pub(crate) spool: Option<PathBuf>,
    /// `Some(false)` where the client's own setting turns telemetry off.
    pub(crate) telemetry: Option<bool>,
    pub(crate) inlay_hints: bool,
    /// The client asks people itself for reason, owner and expiry.
    pub(crate) client_commands: bool,
    /// Hosts of registries that serve the public registry's packages unchanged.
    pub(crate) mirrors: Vec<String>,
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Mode {
    #[default]
    Alert,
    /// Detects and records, and shows nothing.
    Observe,
}

impl Options {
    /// The options, and what of them could not be used.
    pub(crate) fn read(given: Option<&Value>) -> (Self, Vec<String>) {
        let mut options = Self::default();
        let mut wrong = Vec::new();
        // An empty table of Lua arrives as a list.
        let is_nothing = |it: &Value| it.is_null() || it.as_array().is_some_and(Vec::is_empty);
        let Some(given) = given.filter(|it| !is_nothing(it)) else { return (options, wrong) };
        let Some(given) = given.as_object() else {
            wrong.push("`initializationOptions` is no object".to_owned());
            return (options, wrong);
        };
        for (key, value) in given {
            if value.is_null() {
                continue;
            }
            if !options.take(key, value) {
                wrong.push(format!(
                    "`initializationOptions.{key}` cannot be used: {}",
                    expected(key)
                ));
            }
        }
        (options, wrong)
    }

    /// Where the policy lies.
    pub(crate) fn policy_place(&self, environment: &Environment) -> PolicyPlace {
        let given = |ours: &Option<String>, default: &Option<String>| {
            ours.clone().or_else(|| default.clone().filter(|it| !it.is_empty()))
        };
        PolicyPlace {
            source: given(&self.policy, &environment.policy),
            key: given(&self.policy_key, &environment.policy_key),
            cache: environment.policy_cache.clone(),
            time: environment.machine.time,
        }
    }

    /// Whether key and value were understood.
    fn take(&mut self, key: &str, value: &Value) -> bool {
        let path = || value.as_str().filter(|it| !it.is_empty()).map(PathBuf::from);
        let text = || value.as_str().filter(|it| !it.is_empty()).map(ToOwned::to_owned);
        let flag = value.as_bool();
        match key {
            "index" => self.index = path(),
            "spool" => self.spool = path(),
            "policy" => self.policy = text(),
            "policyKey" => self.policy_key = text(),
            "mode" => match value.as_str() {
                Some("alert") => self.mode = Mode::Alert,
                Some("observe") => self.mode = Mode::Observe,
                _ => return false,
            },
            "telemetry" => self.telemetry = flag,
            "inlayHints" => self.inlay_hints = flag.unwrap_or(false),
            "clientCommands" => self.client_commands = flag.unwrap_or(false),
            "mirrors" => {
                let hosts = value.as_array().into_iter().flatten().filter_map(Value::as_str);
                self.mirrors = hosts.map(str::to_ascii_lowercase).collect();
            }
            _ => return false,
        }
        match key {
            "index" | "spool" | "policy" | "policyKey" => value.as_str().is_some(),
            "telemetry" | "inlayHints" | "clientCommands" => flag.is_some(),
            "mirrors" => value.is_array(),
            _ => true,
        }
    }
}

fn expected(key: &str) -> &'static str {
    match key {
        "index" | "spool" => "expected a path",
        "policy" => "expected a path or an https address",
        "policyKey" => "expected a key or the path of its file",
        "mode" => "expected `alert` or `observe`",
        "telemetry" | "inlayHints" | "clientCommands" => "expected true or false",
        "mirrors" => "expected a list of hosts",
        _ => "no such option",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn options_are_read_one_by_one() {
        let given =
            json!({"index": "/a", "mode": "observe", "spool": null, "inlayHints": 3, "x": 1});
        let (options, wrong) = Options::read(Some(&given));
        assert_eq!(options.index, Some("/a".into()));
        assert_eq!(options.mode, Mode::Observe);
        insta::assert_snapshot!(wrong.join("\n"), @r"
        `initializationOptions.inlayHints` cannot be used: expected true or false
        `initializationOptions.x` cannot be used: no such option
        ");
    }

    #[test]
    fn nothing_is_required() {
        for given in [None, Some(json!(null)), Some(json!({})), Some(json!([]))] {
            assert_eq!(Options::read(given.as_ref()), (Options::default(), Vec::new()));
        }
        let (options, wrong) = Options::read(Some(&json!([1])));
        assert_eq!((options, wrong.len()), (Options::default(), 1));
    }
}
