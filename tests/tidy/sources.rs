//! The files of the repository as git sees them: tracked, or new and not ignored.

use std::path::{Path, PathBuf};
use std::process::Command;

/// One text file; `path` is relative to the repository, with `/`.
pub(super) struct File {
    pub(super) path: String,
    pub(super) text: String,
}

impl File {
    pub(super) fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned() }
    }

    pub(super) fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    pub(super) fn is_under(&self, folder: &str) -> bool {
        self.path.starts_with(folder)
    }

    /// True for `…/name.rs` and for everything in a folder `…/name/`.
    pub(super) fn is_named(&self, name: &str) -> bool {
        self.path.split('/').any(|part| part.strip_suffix(".rs").unwrap_or(part) == name)
    }

    /// Numbered lines without their comments.
    pub(super) fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(index, line)| (index + 1, without_comment(line)))
    }
}

/// Cuts `// …` off a line; the `//` of a URL stays.
fn without_comment(line: &str) -> &str {
    let comment = line.match_indices("//").find(|(at, _)| !line[..*at].ends_with(':'));
    comment.map_or(line, |(at, _)| &line[..at])
}

/// True when `word` stands in `line` as a whole word.
pub(super) fn mentions(line: &str, word: &str) -> bool {
    let belongs_to_word = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word)
        .any(|(at, _)| !line[..at].ends_with(belongs_to_word) && !line[at + word.len()..].starts_with(belongs_to_word))
}

pub(super) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests crate lies in the repository").to_owned()
}

/// Every path of the repository.
pub(super) fn paths() -> Vec<String> {
    // A clone may belong to another user than the one who runs the tests.
    let listing = Command::new("git")
        .args(["-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(repository())
        .output()
        .expect("tidy asks git for the files: install git");
    assert!(listing.status.success(), "git ls-files: {}", String::from_utf8_lossy(&listing.stderr));
    let paths = String::from_utf8(listing.stdout).expect("paths are UTF-8");
    paths.split_terminator('\0').filter(|path| repository().join(path).is_file()).map(str::to_owned).collect()
}

/// Every text file of the repository; what is not UTF-8 is no source.
pub(super) fn files() -> Vec<File> {
    let read = |path: String| std::fs::read_to_string(repository().join(&path)).ok().map(|text| File { path, text });
    paths().into_iter().filter_map(read).collect()
}

#[test]
fn comments_do_not_count_and_urls_are_no_comments() {
    for (line, code) in [("use a; // axum", "use a; "), ("/// axum", ""), ("\"http://x\" axum", "\"http://x\" axum")] {
        assert_eq!(without_comment(line), code);
    }
}

#[test]
fn words_are_found_whole() {
    for (line, word, found) in [
        ("use sea_orm::X;", "sea_orm", true),
        ("use sea_orm_migration::X;", "sea_orm", false),
        ("let my_axum = 1;", "axum", false),
        ("(axum::Router)", "axum", true),
    ] {
        assert_eq!(mentions(line, word), found, "{line}");
    }
}
