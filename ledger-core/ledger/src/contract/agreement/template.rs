//! Versions of templates: the hash of a template's one text.

use ledger_agreement::template::Template;

use crate::hash::{Domain, hash};
use crate::id::Digest;

/// `H("template", text)`: another title, bound or contract is another version.
pub fn template_version(template: &Template) -> Digest {
    Digest::from_bytes(hash(Domain::Template, &[template.text().as_bytes()]))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use ledger_agreement::template::{BUILT_IN, Template};

    use super::template_version;

    #[test]
    fn each_template_has_a_version_of_its_own() {
        let mut versions = BTreeSet::new();
        for built_in in &BUILT_IN {
            let template = built_in.template().expect("it is a template");
            let again = Template::read(&template.text()).expect("its one text is the same template");
            assert_eq!(
                template_version(&template),
                template_version(&again),
                "spaces and escapes are no other version"
            );
            let mut renamed = template.clone();
            renamed.title.chinese.push('。');
            assert!(versions.insert(template_version(&template)) && versions.insert(template_version(&renamed)));
        }
        assert_eq!(versions.len(), 2 * BUILT_IN.len());
    }
}
