use super::*;

const A: &str = r#"{"ecosystem": "npm", "name": "a", "version": "1.2.0"}"#;

#[test]
fn a_replaced_index_is_read_again() {
    let case = Case::new();
    let arguments: Value = serde_json::from_str(A).unwrap();
    let path = case.folder.path().join("a.index");
    let verdict = || case.done(Tool::CheckPackage, &arguments).1["verdict"].clone();
    assert_eq!(verdict(), "vulnerable");
    write_index(&case.folder.path().join("new.index"), &RECORDS[2..]);
    fs::rename(case.folder.path().join("new.index"), &path).unwrap();
    assert_eq!(verdict(), "no_known_advisories");

    // Half an index is none, and the one before is not used in its place.
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    let failed = case.failed(Tool::CheckPackage, &arguments);
    assert!(failed.contains("`fixloop db update` writes it anew"), "{failed}");
    fs::remove_file(&path).unwrap();
    let failed = case.failed(Tool::CheckPackage, &arguments);
    insta::assert_snapshot!(failed, @"the advisory index `[FOLDER]/a.index` cannot be read (No such file or directory (os error 2)); `fixloop db update` writes one");
    fs::write(&path, whole).unwrap();
    assert_eq!(verdict(), "no_known_advisories");
}

#[test]
fn the_starter_index_finds_and_never_clears() {
    let folder = TempDir::new().unwrap();
    let default_index = Some(folder.path().join("no.index"));
    let environment = Environment {
        index: None,
        default_index,
        ..environment(folder.path(), Machine::default())
    };
    let case = Case { folder, tools: Tools::new(environment) };
    let verdict = |version: &str| {
        let arguments = json!({"ecosystem": "npm", "name": "lodash", "version": version});
        let (text, structured) = case.done(Tool::CheckPackage, &arguments);
        assert!(text.contains("Not checked: only the starter index was used"), "{text}");
        structured["verdict"].clone()
    };
    assert_eq!(verdict("4.17.11"), "vulnerable");
    assert_eq!(verdict("4.17.21"), "unknown");
}
