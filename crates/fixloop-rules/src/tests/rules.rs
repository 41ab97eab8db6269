//! The rules of the `rules` folder.

use std::path::Path;

use crate::Rule;

#[test]
fn the_rules_that_come_with_fixloop_are_rules() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rules");
    let mut n_rules = 0;
    for entry in folder.read_dir().expect("the folder of rules") {
        let path = entry.expect("an entry").path();
        let text = std::fs::read_to_string(&path).expect("a rule");
        let name = path.file_name().expect("a name").to_string_lossy();
        let rule = Rule::parse(&name, &text).unwrap_or_else(|it| panic!("{it}"));
        assert_eq!(*name, format!("{}.toml", rule.id()));
        // What is not an example is what one has to write.
        let head = text.split("\n[[").next().expect("a head");
        let n_lines = head.lines().filter(|it| !it.starts_with('#') && !it.trim().is_empty());
        assert!(n_lines.count() < 15, "{name}");
        n_rules += 1;
    }
    assert!(n_rules >= 3);
}
