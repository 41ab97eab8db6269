use super::*;

#[test]
fn a_manifest_is_edited_in_a_diff_only() {
    let manifest = "{\n  \"dependencies\": {\n    \"a\": \"^1.2.0\"\n  }\n}\n";
    let lockfile = r#"{"lockfileVersion":3,"packages":{"":{"dependencies":{"a":"^1.2.0"}},"node_modules/a":{"version":"1.2.0"}}}"#;
    let case = Case::of_project(&[("package.json", manifest), ("package-lock.json", lockfile)]);
    let (text, structured) = case.done(Tool::SuggestFix, &case.of_shop(json!({})));
    insta::assert_snapshot!(text, @r#"
    These edits clear all findings. Nothing was written.
    - a 1.2.0 to 1.4.3 in package.json: admits no version with a known advisory
    After the edits run: npm install
    Index: 7 advisories as of 2026-01-02 ([FOLDER]/a.index).

    --- a/package.json
    +++ b/package.json
    @@ -1,5 +1,5 @@
     {
       "dependencies": {
    -    "a": "^1.2.0"
    +    "a": "^1.4.3"
       }
     }
    "#);
    assert_eq!(structured["verdict"], "changes");
    assert_eq!(
        structured["commands_after"],
        json!([{"folder": "", "command": ["npm", "install"]}])
    );
    let path = case.folder.path().join("shop/package.json");
    assert_eq!(fs::read_to_string(path).unwrap(), manifest);
}

#[test]
fn what_others_bring_in_is_overridden() {
    let manifest = "{\n  \"dependencies\": {\n    \"x\": \"1.0.0\"\n  }\n}\n";
    let lockfile = r#"{"lockfileVersion":3,"packages":{"":{"dependencies":{"x":"1.0.0"}},"node_modules/a":{"version":"1.2.0"},
        "node_modules/x":{"version":"1.0.0","dependencies":{"a":"^1.0.0"}}}}"#;
    let case = Case::of_project(&[("package.json", manifest), ("package-lock.json", lockfile)]);
    let (text, _) = case.done(Tool::SuggestFix, &case.of_shop(json!({})));
    insta::assert_snapshot!(text, @r#"
    These edits clear all findings. Nothing was written.
    - a 1.2.0 to 1.4.3 in package.json: admits no version with a known advisory
    After the edits run: npm install
    Index: 7 advisories as of 2026-01-02 ([FOLDER]/a.index).

    --- a/package.json
    +++ b/package.json
    @@ -1,5 +1,8 @@
     {
       "dependencies": {
         "x": "1.0.0"
    +  },
    +  "overrides": {
    +    "a": "^1.4.3"
       }
     }
    "#);
}

#[test]
fn what_no_edit_clears_is_named() {
    let case = Case::of_project(&[
        ("requirements.txt", "d==2.0\n"),
        ("package.json", r#"{"dependencies":{"a":"1.2.0","b":"1.0.0"}}"#),
    ]);
    let (text, structured) = case.done(Tool::SuggestFix, &case.of_shop(json!({})));
    insta::assert_snapshot!(text, @r#"
    These edits clear some findings. Nothing was written.
    - a 1.2.0 to 1.4.3 in package.json: pinned to a version without known advisories
    - not fixed: b 1.0.0 at package.json:1: no version of it is clear: remove it
    - not fixed: d 2.0 at requirements.txt:1: no version is known that clears it: replace it, or accept it by `fixloop exception add`
    Index: 7 advisories as of 2026-01-02 ([FOLDER]/a.index).

    --- a/package.json
    +++ b/package.json
    @@ -1 +1 @@
    -{"dependencies":{"a":"1.2.0","b":"1.0.0"}}
    \ No newline at end of file
    +{"dependencies":{"a":"1.4.3","b":"1.0.0"}}
    \ No newline at end of file
    "#);
    assert_eq!(structured["verdict"], "incomplete");

    let arguments = case.of_shop(json!({"package": "a"}));
    let (_, structured) = case.done(Tool::SuggestFix, &arguments);
    assert_eq!(structured["verdict"], "changes");
    assert_eq!(structured["not_fixed"], json!([]));
    let arguments = case.of_shop(json!({"package": "unheard"}));
    assert_eq!(case.done(Tool::SuggestFix, &arguments).1["verdict"], "nothing_to_do");
}

#[test]
fn nothing_to_do_is_not_said_of_what_was_not_checked() {
    let case = Case::of_project(&[("requirements.txt", "d>=1\n")]);
    let (_, structured) = case.done(Tool::SuggestFix, &case.of_shop(json!({})));
    assert_eq!(structured["verdict"], "unknown");
}
