//! The proof of durability: the node, or its database server, is killed again and again under the load of many customers, also
//! between the statements of one commit, and what they wrote down outside of it is held against what it comes back with.
//!
//! `KILLS` says how often (20), `HIVE_TEST_SEED` repeats the choices. Threads, processes and the disk are real, so a seed
//! repeats the plan and not the moment.

mod book;
mod customer;
mod ledger;
mod plan;
mod run;
mod server;
mod tally;
mod victim;
mod world;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use plan::{CREATING, Plans};
use run::{Run, kill_first_start};
use server::Server;
use tally::Tally;
use victim::Home;
use world::World;

use crate::command::{Running, binary, binary_with_faults, hive, hive_with_faults};
use crate::seed::Dice;

/// Kills of one world; then it is audited and the next begins, since a longer chain takes longer to open.
const KILLS_PER_WORLD: usize = 20;

/// How many of the kills are this database's.
fn kills(of_server: bool) -> usize {
    let all: usize = std::env::var("KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(20);
    let on_server = all * 2 / 5;
    if of_server { on_server } else { all - on_server }
}

#[test]
fn nothing_accepted_is_lost_or_done_twice_on_a_file() {
    let (mut dice, mut tally, mut plans) = (Dice::seeded(), Tally::begin(), Plans::new(false));
    let folder = tempfile::tempdir().expect("room for a folder");
    let kills = kills(false);
    for point in CREATING {
        let data = folder.path().join(point.replace('.', "-"));
        let database = format!("sqlite:{}", data.join("hive.sqlite").display());
        kill_first_start(&Home { data, database, demonstration: true }, point, &mut tally);
    }
    let mut left = kills.saturating_sub(CREATING.len());
    while left > 0 {
        let now = left.min(KILLS_PER_WORLD);
        Run::begin(World::make(None), None, &mut tally, &mut dice).kill(&mut plans, now);
        left -= now;
    }
    tally.show("SQLite");
}

#[test]
fn nothing_accepted_is_lost_or_done_twice_on_a_server() {
    let Some(mut server) = Server::start() else {
        return eprintln!("skipped: PostgreSQL is missing and cannot be installed");
    };
    let (mut dice, mut tally, mut plans) = (Dice::seeded(), Tally::begin(), Plans::new(true));
    let folder = tempfile::tempdir().expect("room for a folder");
    let mut left = kills(true);
    if let Some(point) = CREATING.get(dice.below(CREATING.len())).filter(|_| left > 0) {
        let home = Home { data: folder.path().join("data"), database: server.database("first"), demonstration: true };
        kill_first_start(&home, point, &mut tally);
        left -= 1;
    }
    for number in 0.. {
        let now = left.min(KILLS_PER_WORLD);
        if now == 0 {
            break;
        }
        let world = World::make(Some(server.database(&format!("world_{number}"))));
        Run::begin(world, Some(&mut server), &mut tally, &mut dice).kill(&mut plans, now);
        left -= now;
    }
    tally.show("PostgreSQL");
}

/// The names of the switch and of its points are not in the binary that is used, and are in the other, so that looking for them
/// means something.
#[test]
fn an_ordinary_build_has_no_fault_switch() {
    let mut names = plan::points();
    names.extend(["HIVE_FAULT", "HIVE_FAULT_TRACE", "no such point; the points are"]);
    assert_eq!(found(&binary(), &names), BTreeSet::new());
    let in_faulty = found(&binary_with_faults(), &names);
    assert!(names.iter().all(|name| in_faulty.iter().any(|found| found.contains(name))), "{in_faulty:?}");
}

/// Which of these texts a file holds.
fn found(binary: &Path, texts: &[&str]) -> BTreeSet<String> {
    let mut grep = Command::new("grep");
    grep.args(["--text", "--only-matching", "--fixed-strings"]);
    let output = grep
        .args(texts.iter().flat_map(|text| ["-e", text]))
        .arg(binary)
        .env("LC_ALL", "C")
        .output()
        .expect("grep runs");
    assert!(output.status.code().is_some_and(|code| code < 2), "grep: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}

#[test]
fn the_switch_knows_exactly_these_points_and_refuses_any_other() {
    let folder = tempfile::tempdir().expect("room for a folder");
    let serve = ["serve", "--listen", "127.0.0.1:0", "--no-demonstration"];
    let asked = |command: &mut Command| Running::start(command.args(serve).env("HIVE_FAULT", "commit.nowhere"));
    let refused = asked(&mut hive_with_faults(&folder.path().join("faulty"))).finish();
    assert_eq!(refused.status, Some(64), "{}", refused.stderr);
    let (_, names) = refused.stderr.split_once("the points are ").expect("the points are told");
    let (mut names, mut points): (Vec<&str>, _) = (names.split_whitespace().collect(), plan::points());
    names.sort_unstable();
    points.sort_unstable();
    assert_eq!(names, points);
    // The ordinary node takes no notice.
    let mut node = asked(&mut hive(&folder.path().join("ordinary")));
    std::thread::sleep(Duration::from_secs(2));
    assert!(!node.has_ended(), "{}", node.kill().stderr);
    let said = node.kill().stdout;
    assert!(said.contains("accepts transactions"), "{said}");
}
