//! What this process takes of the machine: processor time, its database's thread apart, and memory.

use std::fs;
use std::path::Path;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use crate::storage;

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

    /// As [`Self::cpu`], of what this process's own processor time does not contain.
    pub(crate) async fn cpu_outside(&self) -> Duration {
        if self.is_inside() { Duration::ZERO } else { self.cpu().await }
    }

    /// Processor time so far; zero where the system does not tell.
    pub(crate) async fn cpu(&self) -> Duration {
        let total: u64 = match self {
            Self::Inside => {
                let Ok(threads) = fs::read_dir("/proc/self/task") else { return Duration::ZERO };
                threads.flatten().filter_map(|thread| of_database_thread(&thread.path())).sum()
            }
            Self::Outside(url) => {
                let processes = storage::processes(url).await.unwrap_or_default();
                processes.iter().filter_map(|id| nanoseconds(Path::new(&format!("/proc/{id}")))).sum()
            }
            Self::Elsewhere => 0,
        };
        Duration::from_nanos(total)
    }
}

fn of_database_thread(thread: &Path) -> Option<u64> {
    let name = fs::read_to_string(thread.join("comm")).ok()?;
    name.starts_with(storage::SQLITE_THREADS).then(|| nanoseconds(thread))?
}

/// Processor time of a thread, or of a process of one thread, by its folder.
fn nanoseconds(thread: &Path) -> Option<u64> {
    fs::read_to_string(thread.join("schedstat")).ok()?.split(' ').next()?.parse().ok()
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
    fn the_database_is_known_by_the_name_of_its_threads() {
        let works = || {
            let begun = std::time::Instant::now();
            while begun.elapsed() < Duration::from_millis(30) {
                std::hint::spin_loop();
            }
            of_database_thread(Path::new("/proc/thread-self"))
        };
        let named =
            |name: &str| std::thread::Builder::new().name(name.to_owned()).spawn(works).unwrap().join().unwrap();
        assert!(named(&format!("{}-worker-0", storage::SQLITE_THREADS)).is_some_and(|time| time > 0));
        assert_eq!(named("tokio-rt-worker"), None);
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
