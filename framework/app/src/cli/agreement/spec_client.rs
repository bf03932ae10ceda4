//! The client process of the public conformance driver: requests between lines of three backticks, answers as lines.

use std::io::{BufRead, Read, Write};

use ledger_agreement::conformance::answer;
use ledger_agreement::json::TEXT_BYTES_MAX;

use crate::cli::error::CliError;

const FENCE: &[u8] = b"```";

/// Runs `hive agreement spec-client` until standard input ends.
pub(super) fn run() -> Result<(), CliError> {
    let failed = |error: std::io::Error| CliError::node("AGREEMENT_STREAM", &error);
    serve(std::io::stdin().lock(), std::io::stdout().lock()).map_err(failed)
}

/// Answers each request with one line, which goes out at once.
fn serve(mut requests: impl BufRead, mut answers: impl Write) -> std::io::Result<()> {
    let mut open: Option<Vec<u8>> = None;
    // A line is read up to what no request may be longer than, so that no input fills the memory.
    let longest = u64::try_from(TEXT_BYTES_MAX).unwrap_or(u64::MAX).saturating_add(2);
    loop {
        let mut line = Vec::new();
        if requests.by_ref().take(longest).read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        match (line.trim_ascii() == FENCE, open.take()) {
            (true, None) => open = Some(Vec::new()),
            (true, Some(request)) => {
                writeln!(answers, "{}", answer(&String::from_utf8_lossy(&request)))?;
                answers.flush()?;
            }
            (false, Some(mut request)) => {
                // What is too long stays too long, whatever else comes.
                let room = TEXT_BYTES_MAX.saturating_add(1).saturating_sub(request.len());
                request.extend(line.into_iter().take(room));
                open = Some(request);
            }
            (false, None) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::serve;

    fn answers(requests: &str) -> String {
        let mut answers = Vec::new();
        serve(requests.as_bytes(), &mut answers).expect("memory can be written");
        String::from_utf8(answers).expect("answers are ASCII")
    }

    #[test]
    fn each_request_between_fences_gets_one_line() {
        let unknown = "\"UnknownRequest\"\n";
        assert_eq!(answers("```\n{\"request\":\"a\"}\n```\n"), unknown);
        assert_eq!(
            answers("```\r\n{\"request\":\n\"a\"}\r\n```\r\nbetween\n```\n{\"request\":\"b\"}\n```"),
            unknown.repeat(2)
        );
        assert_eq!(answers("```\n{\"request\":\"a\"}\n"), "", "a request that does not end is none");
        assert_eq!(answers(""), "");
    }

    #[test]
    fn what_is_too_long_is_refused_in_one_line() {
        let long = format!("```\n\"{}\"\n```\n```\n{{\"request\":\"a\"}}\n```\n", "x".repeat(3 << 20));
        let answered = answers(&long);
        let lines: Vec<&str> = answered.lines().collect();
        assert!(lines[0].contains("AGREEMENT_JSON_TOO_LONG"), "{}", lines[0]);
        assert_eq!(lines[1..], ["\"UnknownRequest\""]);
    }
}
