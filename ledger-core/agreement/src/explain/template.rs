//! A template in words: what it is, who takes part, what has to be given.

use super::Language;
use super::phrase::{Phrases, quoted};
use crate::party::Bound;
use crate::template::{Kind, Named, Parameter, RoleKind, Template, TokenKind};

/// Title, text, roles, tokens and parameters with their bounds, as lines.
pub fn template(template: &Template, language: Language) -> String {
    let phrases = Phrases::of(language);
    let mut lines = vec![template.title.of(language).to_owned(), template.text.of(language).to_owned(), String::new()];
    lines.push(phrases.either("Roles:", "角色：").to_owned());
    lines.extend(template.roles.iter().map(|role| {
        let kind = match role.kind {
            RoleKind::Party => phrases.either("party", "当事方"),
            RoleKind::Feed => phrases.either("price feed", "价格源"),
        };
        named(role, kind, language)
    }));
    lines.push(phrases.either("Tokens:", "标的：").to_owned());
    lines.extend(template.tokens.iter().map(|token| {
        let kind = match token.kind {
            TokenKind::Asset => phrases.either("asset", "资产"),
            TokenKind::Title => phrases.either("title", "权利凭证"),
        };
        named(token, kind, language)
    }));
    lines.push(phrases.either("Parameters:", "参数：").to_owned());
    for one in &template.parameters {
        lines.push(format!("- {}", parameter(one, language)));
        lines.extend(one.kind.fields().iter().map(|field| format!("  - {}", parameter(field, language))));
    }
    lines.join("\n")
}

fn named<K>(named: &Named<K>, kind: &str, language: Language) -> String {
    let phrases = Phrases::of(language);
    let each = named.for_each.iter().map(|list| {
        phrases.either(format!(", one for each of {list}, numbered from 1"), format!("，{list}每项一个，从 1 起编号"))
    });
    let each: String = each.collect();
    let title = named.title.of(language);
    phrases.either(
        format!("- {} ({kind}{each}): {title}", quoted(&named.name)),
        format!("- {}（{kind}{each}）：{title}", quoted(&named.name)),
    )
}

fn parameter(parameter: &Parameter, language: Language) -> String {
    let phrases = Phrases::of(language);
    let kind = match parameter.kind {
        Kind::Amount(_) => phrases.either("amount in smallest units", "金额（最小单位）"),
        Kind::Integer(_) => phrases.either("integer", "整数"),
        Kind::Share(_) => phrases.either("share in basis points", "份额（基点）"),
        Kind::Time => phrases.either("time after the one before it", "时间（晚于前一时间）"),
        Kind::List { .. } => phrases.either("list, so many entries:", "列表，项数"),
    };
    let bounds: String =
        parameter.kind.bounds().map(|Bound { from, to }| format!(" {from}–{to}")).into_iter().collect();
    let (name, title) = (&parameter.name, parameter.title.of(language));
    phrases.either(format!("{name} ({kind}{bounds}): {title}"), format!("{name}（{kind}{bounds}）：{title}"))
}
