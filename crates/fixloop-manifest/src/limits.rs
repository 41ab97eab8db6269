//! How much of one file is read: many times the largest real ones, and little enough that a hostile one cannot fill the memory.

use fixloop_model::{Problem, Span};

/// The longest lockfiles have 100,000 lines.
pub(crate) const MAX_LINES: usize = 1_000_000;

/// JSON values of one file. The largest bills of materials (40 MB) have half as many.
pub(crate) const MAX_VALUES: usize = 3_000_000;

/// The lines of `text` that are read, and a problem if there are more.
pub(crate) fn within_limit(text: &str) -> (&str, Option<Problem>) {
    let Some((end, _)) = text.match_indices('\n').nth(MAX_LINES - 1) else { return (text, None) };
    let (read, rest) = text.split_at(end + 1);
    let problem = (!rest.is_empty()).then(|| Problem {
        span: Span::new(end + 1, end + 1),
        reason: format!("more than {MAX_LINES} lines: the rest is not read"),
        whole_file: true,
    });
    (read, problem)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Format;

    #[test]
    fn lines_beyond_the_limit_are_a_whole_file_problem() {
        let text = "a\n".repeat(MAX_LINES);
        assert_eq!(within_limit(&text), (&*text, None));
        for format in [Format::CargoLock, Format::GoMod, Format::RequirementsTxt] {
            let parsed = format.parse(&"\n".repeat(MAX_LINES + 1));
            assert!(
                parsed
                    .problems
                    .iter()
                    .any(|it| it.whole_file && it.reason.contains("the rest is not read"))
            );
        }
    }

    #[test]
    fn values_beyond_the_limit_are_a_whole_file_problem() {
        let text =
            format!("{{\"bomFormat\": \"CycloneDX\", \"a\": [{}]}}", "1,".repeat(MAX_VALUES));
        let parsed = Format::CycloneDxJson.parse(&text);
        assert!(
            parsed
                .problems
                .iter()
                .any(|it| it.whole_file && it.reason.contains("the rest is not read")),
            "{parsed:?}"
        );
    }
}
