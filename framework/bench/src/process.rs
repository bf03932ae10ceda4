//! What this process takes of the machine: processor time, its database's thread apart, and memory.

use std::fs;
use std::path::Path;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use crate::storage;

/// Ticks a second in which the system counts a thread's time (`USER_HZ`; 100 on every Linux).
const TICKS_PER_SECOND: u64 = 100;
/// What the names of threads begin with on which SQLite works.
const DATABASE_THREAD: &str = "sqlx-sqlite";

/// Memory that the process holds, bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Memory {
    /// Now.
    pub(crate) resident: u64,
    /// At most since [`forget_peak`].
    pub(crate) peak: u64,
}

/// Processor time of the whole process, all its threads that are and were.
pub(crate) fn cpu() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    let part = |value: i64| u64::try_from(value).unwrap_or_default();
    Duration::new(part(time.tv_sec), 0) + Duration::from_nanos(part(time.tv_nsec))
}

/// Where a database works.
#[derive(Clone, Debug)]
pub(crate) enum DatabaseWork {
    /// On threads of this process: SQLite.
    Inside,
    /// In processes of a server on this machine, with the database of this URL.
    Outside(String),
    /// On a server of which the system here tells nothing.
    Elsewhere,
}

impl DatabaseWork {
    pub(crate) fn is_inside(&self) -> bool {
        matches!(self, Self::Inside)
    }

    /// Processor time so far; zero where the system does not tell.
    pub(crate) async fn cpu(&self) -> Duration {
        let total: u64 = match self {
            Self::Inside => {
                let Ok(threads) = fs::read_dir("/proc/self/task") else { return Duration::ZERO };
                threads.flatten().filter_map(|thread| ticks_of_database_thread(&thread.path())).sum()
            }
            Self::Outside(url) => {
                let stat = |id: &i32| ticks(&fs::read_to_string(format!("/proc/{id}/stat")).ok()?);
                storage::processes(url).await.unwrap_or_default().iter().filter_map(stat).sum()
            }
            Self::Elsewhere => 0,
        };
        Duration::from_millis(total * 1_000 / TICKS_PER_SECOND)
    }
}

fn ticks_of_database_thread(thread: &Path) -> Option<u64> {
    let name = fs::read_to_string(thread.join("comm")).ok()?;
    name.starts_with(DATABASE_THREAD).then(|| ticks(&fs::read_to_string(thread.join("stat")).ok()?))?
}

/// User and system time of a `stat` file.
fn ticks(stat: &str) -> Option<u64> {
    // The name stands in brackets and may hold anything; behind it the 12th and 13th fields are the times.
    let (_, fields) = stat.rsplit_once(") ")?;
    let mut fields = fields.split(' ').skip(11);
    Some(fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?)
}

pub(crate) fn memory() -> Memory {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    Memory { resident: kilobytes(&status, "VmRSS:") * 1_024, peak: kilobytes(&status, "VmHWM:") * 1_024 }
}

/// The peak counts from now; where the system does not allow it, from the process's begin.
pub(crate) fn forget_peak() {
    let _refused = fs::write("/proc/self/clear_refs", "5");
}

fn kilobytes(status: &str, name: &str) -> u64 {
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_stand_behind_a_name_that_may_hold_anything() {
        assert_eq!(ticks("7 (a) b (c)) S 1 2 3 4 5 6 7 8 9 10 70 30 0 0"), Some(100));
        assert_eq!(ticks("7 (short) S 1"), None);
    }

    #[test]
    fn this_process_works_and_holds_memory() {
        let before = cpu();
        let mut sum = 0_u64;
        while cpu().saturating_sub(before) < Duration::from_millis(2) {
            sum = std::hint::black_box(sum.wrapping_add(1));
        }
        assert!(sum > 0);
        let memory = memory();
        assert!(memory.resident > 100_000 && memory.peak >= memory.resident, "{memory:?}");
    }
}
