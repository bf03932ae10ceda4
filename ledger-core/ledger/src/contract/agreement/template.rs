//! Templates on a chain: published for everybody to open agreements with, several versions at once, and taken back again. An
//! agreement that names one is what the template makes of its arguments; it keeps what it is when the template goes.

use ledger_agreement::template::{Template, TemplateError};
use ledger_agreement::{Contract, Json};

use crate::claim::{ClaimIdentity, ClaimKind};
use crate::contract::agreement::{Agreement, AgreementError, NAME, TEMPLATE};
use crate::encoding::EncodingError;
use crate::error::{Coded, rule};
use crate::hash::{Domain, hash};
use crate::id::{Address, ContractId, Digest};
use crate::state::State;
use crate::transaction::{Command, LedgerTransaction};
use crate::wire;

/// `H("template", text)`: another title, bound or contract is another version.
pub fn template_version(template: &Template) -> Digest {
    version_of(&template.text())
}

fn version_of(text: &str) -> Digest {
    Digest::from_bytes(hash(Domain::Template, &[text.as_bytes()]))
}

/// A template's state; its publisher owns it.
pub fn template_state(template: &Template, publisher: Address) -> State {
    let message = wire::AgreementTemplate { document: template.text() };
    State::new(ContractId::built_in(NAME), TEMPLATE, publisher, [], &message)
}

/// Reads a template.
pub fn read_template(state: &State) -> Result<Template, AgreementError> {
    let wire::AgreementTemplate { document } = state.message()?;
    let template = Template::read(&document)?;
    let is_its_text = template.text() == document;
    rule(is_its_text, || EncodingError::NotCanonical { message: "template.document" })?;
    Ok(template)
}

/// One template comes, and nothing else.
pub(super) fn publishes_one_template(transaction: &LedgerTransaction, command: &Command) -> Result<(), AgreementError> {
    let wire::AgreementPublish {} = command.message()?;
    let ([], [state]) = (transaction.inputs.as_slice(), transaction.transaction.outputs.as_slice()) else {
        return Err(AgreementError::TemplateStates);
    };
    rule(state.is(NAME, TEMPLATE), || AgreementError::TemplateStates)?;
    let template = read_template(state)?;
    let publisher = transaction.transaction.submitter;
    rule(*state == template_state(&template, publisher), || AgreementError::TemplateFrame)
}

/// One template goes, and nothing comes.
pub(super) fn retires_one_template(transaction: &LedgerTransaction, command: &Command) -> Result<(), AgreementError> {
    let wire::AgreementRetire { template } = command.message()?;
    let named = Digest::try_from(template.as_slice())?;
    let ([input], []) = (transaction.inputs.as_slice(), transaction.transaction.outputs.as_slice()) else {
        return Err(AgreementError::TemplateStates);
    };
    rule(input.state.is(NAME, TEMPLATE), || AgreementError::TemplateStates)?;
    rule(template_version(&read_template(&input.state)?) == named, || AgreementError::TemplateNotNamed)
}

/// One version stands once at a time.
pub(super) fn claims(transaction: &LedgerTransaction) -> Result<Vec<ClaimIdentity>, AgreementError> {
    let identity = |(output, state): (u32, &State)| {
        Ok(ClaimIdentity {
            class: "agreement template",
            // Of another publisher the same text may stand beside it: nobody keeps it from others, or takes it from them.
            parts: vec![state.owner.to_string(), template_version(&read_template(state)?).to_string()],
            output,
            kind: ClaimKind::Exclusive,
            near: Vec::new(),
        })
    };
    transaction.outputs_of(NAME, TEMPLATE).map(identity).collect()
}

/// An agreement that names a template is what that makes of the arguments; one that names none has none.
pub(super) fn is_made_of_its_template(
    transaction: &LedgerTransaction,
    agreement: &Agreement,
    arguments: &str,
) -> Result<(), AgreementError> {
    let Some(version) = agreement.template else {
        return rule(arguments.is_empty(), || AgreementError::TemplateMissing);
    };
    for resolved in transaction.current_references_of(NAME, TEMPLATE) {
        let wire::AgreementTemplate { document } = resolved.state.message()?;
        if version_of(&document) == version {
            let template = read_template(&resolved.state)?;
            let arguments = Json::read(arguments).map_err(TemplateError::from)?;
            let made: Contract = template.instantiate(&arguments)?;
            return rule(made == *agreement.contract, || AgreementError::TemplateDiffers);
        }
    }
    Err(AgreementError::TemplateNotRead)
}

impl Coded for TemplateError {
    fn code(&self) -> &'static str {
        self.code()
    }
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
