use serde_json::Value;

use super::{Case, cox};

pub(super) fn compute(id: &str, case: &Case) -> Value {
    cox::compute(id, case)
}
