use std::fmt::Write;

use proptest::prelude::*;

use super::*;

/// Each node on a line: its depth, name and value.
fn render(outline: &Outline<'_>) -> String {
    let mut out = String::new();
    let mut stack: Vec<(u32, usize)> = outline.tops().map(|it| (it, 0)).collect();
    stack.reverse();
    while let Some((index, depth)) = stack.pop() {
        let node = &outline.nodes[index as usize];
        let indent = " ".repeat(depth);
        let name = node.name.as_deref().unwrap_or("-");
        let value = node.value.as_deref().unwrap_or("");
        writeln!(out, "{indent}{name} {:?} {value}", node.kind).expect("a string takes everything");
        let children: Vec<u32> = outline.children(index).collect();
        stack.extend(children.into_iter().rev().map(|it| (it, depth + 1)));
    }
    for problem in &outline.problems {
        writeln!(out, "! {}", problem.reason).expect("a string takes everything");
    }
    out
}

#[test]
fn every_syntax_becomes_the_same_shape() {
    let text = "{\"a\": {\"b.c\": [1, \"x\\u0041\"]}}";
    insta::assert_snapshot!(render(&Outline::read(Syntax::Json, text)), @r"
    - Mapping 
     a Mapping 
      b.c List 
       - Literal 1
       - Text xA
    ");
    let text = "[a]\nb = [1]\n[[c]]\nd = 'e'\n";
    insta::assert_snapshot!(render(&Outline::read(Syntax::Toml, text)), @r"
    - Mapping 
     a Mapping 
      b List 
       - Literal 1
     c List 
      - Mapping 
       d Text e
    ");
    let text = "<a x:b='1'><c>t&amp;u</c><c/></a>";
    insta::assert_snapshot!(render(&Outline::read(Syntax::Xml, text)), @r"
    - Mapping 
     a Mapping 
      @b Text 1
      c Mapping t&u
      c Mapping
    ");
}

#[test]
fn every_document_of_a_stream_is_read() {
    let text = "# one\na: 1\n---\nb: [x]\n...\n---\n- c\n---\n";
    insta::assert_snapshot!(render(&Outline::read(Syntax::Yaml, text)), @r"
    - Mapping 
     a Literal 1
    - Mapping 
     b List 
      - Text x
    - List 
     - Text c
    ");
    assert_eq!(render(&Outline::read(Syntax::Yaml, "# nothing\n---\n")), "");
}

#[test]
fn an_alias_is_told_from_a_string() {
    let outline = Outline::read(Syntax::Yaml, "a: *x\nb: \"*x\"\nc: '*.rs'\n");
    let aliases: Vec<bool> = outline.nodes.iter().skip(1).map(|it| it.is_alias).collect();
    assert_eq!(aliases, [true, false, false]);
}

proptest! {
    #[test]
    fn any_text_is_read(text in "([ -]{0,4}[a-c<>{}\\[\\]'\"/=*&.]{0,4}:? ?[a1'\"]{0,2}\n|---\n|\\.\\.\\.\n){0,12}") {
        for syntax in [Syntax::Json, Syntax::Yaml, Syntax::Toml, Syntax::Xml] {
            let outline = Outline::read(syntax, &text);
            for node in &outline.nodes {
                prop_assert!(node.span.slice(&text).is_some());
            }
            // Every node hangs on a top exactly once.
            let mut n_reached = 0;
            let mut stack: Vec<u32> = outline.tops().collect();
            while let Some(it) = stack.pop() {
                n_reached += 1;
                stack.extend(outline.children(it));
            }
            prop_assert_eq!(n_reached, outline.nodes.len());
        }
    }
}
