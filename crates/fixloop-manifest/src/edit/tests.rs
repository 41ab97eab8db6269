use super::*;

#[track_caller]
fn check(text: &str, insertion: Option<Insertion>, expected: &str) {
    let Some(insertion) = insertion else { return assert_eq!("none", expected, "{text:?}") };
    let mut edited = text.to_owned();
    edited.replace_range(insertion.span.range(), &insertion.text);
    assert_eq!(edited, expected, "{text:?}");
}

#[test]
fn members_look_like_their_neighbors() {
    let check = |text: &str, path: &[&str], expected: &str| {
        check(text, set_member(text, path, "a", "^1.2.3"), expected);
    };
    check(
        "{\n  \"x\": 1\n}\n",
        &["o"],
        "{\n  \"x\": 1,\n  \"o\": {\n    \"a\": \"^1.2.3\"\n  }\n}\n",
    );
    check(
        "{\r\n\t\"x\": {}\r\n}",
        &["o"],
        "{\r\n\t\"x\": {},\r\n\t\"o\": {\r\n\t\t\"a\": \"^1.2.3\"\r\n\t}\r\n}",
    );
    check("{\"x\": \"y\"}", &["o"], "{\"x\": \"y\", \"o\": { \"a\": \"^1.2.3\" }}");
    check("{\n  \"o\": {}\n}", &["o"], "{\n  \"o\": {\n    \"a\": \"^1.2.3\"\n  }\n}");
    check(
        "{\n  \"o\": {\n    \"b\": \"1\"\n  }\n}",
        &["o"],
        "{\n  \"o\": {\n    \"b\": \"1\",\n    \"a\": \"^1.2.3\"\n  }\n}",
    );
    check("{\"o\": {\"a\": \"1\"}}", &["o"], "{\"o\": {\"a\": \"^1.2.3\"}}");
    check("{\"o\": {\"a\": {}}}", &["o"], "none");
    check("{\"o\": 1}", &["o"], "none");
    check(
        "{\n  \"p\": {\n    \"q\": 1\n  }\n}",
        &["p", "o"],
        "{\n  \"p\": {\n    \"q\": 1,\n    \"o\": {\n      \"a\": \"^1.2.3\"\n    }\n  }\n}",
    );
    check("\u{feff}{\n  \"x\": 1\n}", &[], "\u{feff}{\n  \"x\": 1,\n  \"a\": \"^1.2.3\"\n}");
    check("{}", &[], "{\n  \"a\": \"^1.2.3\"\n}");
    check("[]", &[], "none");
}

#[test]
fn yaml_entries() {
    let check = |text: &str, key: &str, expected: &str| {
        check(text, set_entry(text, "overrides", key, "^1.2.3"), expected);
    };
    check("", "a", "overrides:\n  a: ^1.2.3\n");
    check("packages:\n  - a\n", "a", "packages:\n  - a\noverrides:\n  a: ^1.2.3\n");
    check("packages:\n  - a", "@b/a", "packages:\n  - a\noverrides:\n  '@b/a': ^1.2.3");
    check(
        "overrides:\n    b: 1.0.0 # why\nx: 1\n",
        "a",
        "overrides:\n    b: 1.0.0 # why\n    a: ^1.2.3\nx: 1\n",
    );
    check(
        "overrides:\r\n  'b': 1.0.0\r\n",
        "a@1",
        "overrides:\r\n  'b': 1.0.0\r\n  a@1: ^1.2.3\r\n",
    );
    check("overrides:\n  a: 1.0.0\n", "a", "overrides:\n  a: ^1.2.3\n");
    check("overrides:\n  a: '1.0.0'\n", "a", "overrides:\n  a: '^1.2.3'\n");
    check("overrides: {b: 1.0.0}\n", "a", "none");
}

#[test]
fn constraints_of_uv() {
    let check = |text: &str, expected: &str| check(text, constrain(text, "a>=1.2"), expected);
    check(
        "[project]\nname = 'x'\n",
        "[project]\nname = 'x'\n\n[tool.uv]\nconstraint-dependencies = [\"a>=1.2\"]\n",
    );
    check("[tool.uv]\nx = 1\n", "[tool.uv]\nconstraint-dependencies = [\"a>=1.2\"]\nx = 1\n");
    check("[tool.uv]", "[tool.uv]\nconstraint-dependencies = [\"a>=1.2\"]");
    check(
        "[tool.uv]\nconstraint-dependencies = [\"b\"]\n",
        "[tool.uv]\nconstraint-dependencies = [\"b\", \"a>=1.2\"]\n",
    );
    check(
        "[tool.uv]\nconstraint-dependencies = [\n    \"b\", # why\n]\n",
        "[tool.uv]\nconstraint-dependencies = [\n    \"b\",\n    \"a>=1.2\", # why\n]\n",
    );
    check(
        "[tool.uv]\nconstraint-dependencies = []\n",
        "[tool.uv]\nconstraint-dependencies = [\"a>=1.2\"]\n",
    );
    check(
        "[tool.uv.sources]\nx = {path = 'y'}\n",
        "[tool.uv.sources]\nx = {path = 'y'}\n\n[tool.uv]\nconstraint-dependencies = [\"a>=1.2\"]\n",
    );
    check("[tool]\nuv = {x = 1}\n", "none");
}

#[test]
fn go_modules_that_others_bring() {
    let check = |text: &str, expected: &str| {
        check(text, Some(require_indirect(text, "x.example/a", "v1.2.3")), expected);
    };
    check(
        "module m\n\nrequire (\n\ty.example/b v1.0.0 // indirect\n)\n",
        "module m\n\nrequire (\n\ty.example/b v1.0.0 // indirect\n\tx.example/a v1.2.3 // indirect\n)\n",
    );
    check("module m\n", "module m\n\nrequire x.example/a v1.2.3 // indirect\n");
}

#[test]
fn managed_versions() {
    let pom =
        |text: &str, expected: &str| check(text, manage_dependency(text, "g:a", "1.2"), expected);
    pom(
        "<project>\n  <artifactId>x</artifactId>\n</project>\n",
        "<project>\n  <artifactId>x</artifactId>\n  <dependencyManagement>\n    <dependencies>\n      <dependency>\n        <groupId>g</groupId>\n        <artifactId>a</artifactId>\n        <version>1.2</version>\n      </dependency>\n    </dependencies>\n  </dependencyManagement>\n</project>\n",
    );
    pom(
        "<project>\r\n\t<dependencyManagement>\r\n\t\t<dependencies>\r\n\t\t</dependencies>\r\n\t</dependencyManagement>\r\n</project>",
        "<project>\r\n\t<dependencyManagement>\r\n\t\t<dependencies>\r\n\t\t\t<dependency>\r\n\t\t\t\t<groupId>g</groupId>\r\n\t\t\t\t<artifactId>a</artifactId>\r\n\t\t\t\t<version>1.2</version>\r\n\t\t\t</dependency>\r\n\t\t</dependencies>\r\n\t</dependencyManagement>\r\n</project>",
    );
    pom("<project></project>", "none");
    let text = "<Project>\n  <ItemGroup>\n    <PackageVersion Include=\"B\" Version=\"1.0\" />\n  </ItemGroup>\n</Project>\n";
    check(
        text,
        central_version(text, "A", "1.2"),
        "<Project>\n  <ItemGroup>\n    <PackageVersion Include=\"B\" Version=\"1.0\" />\n    <PackageVersion Include=\"A\" Version=\"1.2\" />\n  </ItemGroup>\n</Project>\n",
    );
}
