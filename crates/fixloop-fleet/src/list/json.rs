//! A list as JSON: an array, an object with `items` or `value`, or several of those one after the other, as pages come.

use serde_json::{Deserializer, Value};

use crate::list::{ListError, Position, Repository, TeamSource, azure, github, gitlab};

pub(super) fn read(text: &str) -> Result<(Vec<(Position, Repository)>, TeamSource), ListError> {
    let mut repositories = Vec::new();
    let mut source = TeamSource::None;
    for page in Deserializer::from_str(text).into_iter::<Value>() {
        let next = Position::Entry(repositories.len() + 1);
        for entry in entries(page.map_err(ListError::Json)?).ok_or(ListError::Shape(next))? {
            let position = Position::Entry(repositories.len() + 1);
            let failed = |host| move |source| ListError::Entry { position, host, source };
            let repository = if entry.get("clone_url").is_some() {
                github::repository(entry).map_err(failed("GitHub"))?
            } else if entry.get("http_url_to_repo").is_some() {
                source = TeamSource::Namespace;
                gitlab::repository(entry).map_err(failed("GitLab"))?
            } else if entry.get("remoteUrl").is_some() {
                source = TeamSource::Namespace;
                azure::repository(entry).map_err(failed("Azure DevOps"))?
            } else {
                return Err(ListError::Shape(position));
            };
            repositories.push((position, repository));
        }
    }
    Ok((repositories, source))
}

fn entries(page: Value) -> Option<Vec<Value>> {
    match page {
        Value::Array(entries) => Some(entries),
        Value::Object(mut object) => match object.remove("items").or(object.remove("value")) {
            Some(Value::Array(entries)) => Some(entries),
            // One repository by itself, as `jq -c '.[]'` prints them.
            None => Some(vec![Value::Object(object)]),
            Some(_) => None,
        },
        _ => None,
    }
}
