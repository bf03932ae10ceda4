//! What the README tells people to type works, in both languages.

use std::collections::BTreeSet;
use std::fs;

use serde_json::{Value, json};

use crate::cast::ENDPOINTS;
use crate::command;
use crate::node::{Node, repository};

const FILES: [&str; 2] = ["README.md", "README.zh-CN.md"];

/// A fenced block with its language, and all text above it in its section.
struct Block {
    language: String,
    text: String,
    above: String,
}

fn blocks(file: &str) -> Vec<Block> {
    let text = fs::read_to_string(repository().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    let mut blocks = Vec::new();
    let (mut above, mut open) = (String::new(), None::<Block>);
    for line in text.lines() {
        match (line.strip_prefix("```"), open.take()) {
            (Some(_), Some(block)) => {
                above.push_str(&block.text);
                blocks.push(block);
            }
            (Some(language), None) => {
                let language = language.trim().to_owned();
                open = Some(Block { language, text: String::new(), above: above.clone() });
            }
            (None, Some(mut block)) => {
                block.text.push_str(line);
                block.text.push('\n');
                open = Some(block);
            }
            (None, None) => {
                if line.starts_with('#') {
                    above.clear();
                }
                above.push_str(line);
                above.push('\n');
            }
        }
    }
    blocks
}

/// The section of a first trade, done as it says: demonstration, sign-in, query, offer, signature, query.
#[test]
fn the_first_trade_in_graphql_works_as_written() {
    for file in FILES {
        let node = Node::start();
        command::run(&mut node.client_command(&["demo"])).expect_status(0);
        let signed_in = command::run(&mut node.client_command(&["sign-in", "depositor"])).expect_status(0);
        let mut lines = signed_in.stdout.lines();
        let token = lines.next().expect("the first line is the token").to_owned();
        let variables: Value = lines.next().and_then(|line| serde_json::from_str(line).ok()).expect("variables");
        let examples: Vec<Block> = blocks(file).into_iter().filter(|block| block.language == "graphql").collect();
        let [query, offer] = &examples[..] else { panic!("{file} has a query and a mutation to paste") };
        let endpoint =
            ENDPOINTS.iter().filter_map(|name| Some((query.above.rfind(&format!("/graphql/{name}"))?, name))).max();
        let path = format!("/graphql/{}", endpoint.expect("the text above the example names its endpoint").1);
        let paste = |text: &str| {
            let answer = node.http().post(&path, Some(&token), &json!({ "query": text, "variables": variables }));
            let body = answer.json();
            assert!(body["errors"].is_null() && answer.status == 200, "{file}: {}", answer.text());
            body["data"].clone()
        };
        assert_eq!(paste(&query.text)["receiptByNumber"]["status"], "HELD");
        let offered = paste(&offer.text)["offerTransfer"].clone();
        assert_eq!(offered["userErrors"], json!([]), "{offered}");
        let proposal = offered["proposal"]["id"].as_str().expect("a proposal");
        assert!(
            examples[1].above.contains("hive sign-in depositor")
                && file_says(file, "hive sign PROPOSAL_ID --as depositor")
        );
        command::run(&mut node.client_command(&["sign", proposal, "--as", "depositor"])).expect_status(0);
        assert_eq!(paste(&query.text)["receiptByNumber"]["status"], "OFFERED");
    }
}

fn file_says(file: &str, command: &str) -> bool {
    blocks(file).iter().any(|block| block.text.contains(command))
}

#[test]
fn commands_of_the_readme_exist_with_their_options() {
    let makefile = fs::read_to_string(repository().join("Makefile")).expect("there is a Makefile");
    let nowhere = Node::stopped(&[]);
    let mut seen = BTreeSet::new();
    for file in FILES {
        for line in blocks(file).iter().flat_map(|block| block.text.lines()) {
            let words: Vec<&str> = line.split('#').next().unwrap_or_default().split_whitespace().collect();
            match words[..] {
                ["make", target, ..] => {
                    assert!(makefile.contains(&format!("\n{target}:")), "{file}: make {target} is no target");
                    seen.insert(format!("make {target}"));
                }
                [program, command, ref rest @ ..] if program == "hive" || program.ends_with("/hive") => {
                    let help = nowhere.hive(&[command, "--help"]).expect_status(0).stdout;
                    for option in rest.iter().filter(|word| word.starts_with("--")) {
                        let name = option.split('=').next().unwrap_or(option);
                        assert!(help.contains(name), "{file}: hive {command} knows no {name}");
                    }
                    seen.insert(format!("hive {command}"));
                }
                _ => {}
            }
        }
    }
    for command in ["make run", "make test", "make demo"] {
        assert!(seen.contains(command), "the README tells of {command}; it tells of {seen:?}");
    }
}

#[test]
fn both_languages_show_the_same_commands() {
    let code = |file: &str| -> Vec<String> {
        let lines = blocks(file).into_iter().filter(|block| block.language == "graphql").map(|block| block.text);
        lines.collect()
    };
    assert_eq!(code(FILES[0]), code(FILES[1]), "the examples are the same");
    let commands = |file: &str| -> BTreeSet<String> {
        let lines =
            blocks(file).into_iter().flat_map(|block| block.text.lines().map(str::to_owned).collect::<Vec<_>>());
        let bare = lines.map(|line| line.split('#').next().unwrap_or_default().trim().to_owned());
        bare.filter(|line| line.starts_with("make ") || line.contains("/hive ")).collect()
    };
    assert_eq!(commands(FILES[0]), commands(FILES[1]), "the commands are the same");
}
