//! Ends the process at a point, as a power failure would.

use std::fs::File;
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use super::Point;

const WHERE: &str = "HIVE_FAULT";
const TRACE: &str = "HIVE_FAULT_TRACE";
/// Names are shorter; the rest of the trace is blank.
const TRACE_BYTES: usize = 40;

struct Fault {
    /// None = nowhere.
    point: Option<Point>,
    /// How often the point is still passed, this time included.
    left: AtomicU64,
    trace: Option<File>,
}

static FAULT: OnceLock<Fault> = OnceLock::new();

pub(super) fn passed(point: Point) {
    let fault = FAULT.get_or_init(Fault::of_environment);
    if let Some(trace) = &fault.trace {
        let line = format!("{:<1$}", point.name(), TRACE_BYTES);
        // What cannot be traced is not known afterwards; the node goes on.
        let _untold = trace.write_all_at(line.as_bytes(), 0);
    }
    if fault.point == Some(point) && fault.left.fetch_sub(1, Ordering::SeqCst) == 1 {
        let _untold = writeln!(std::io::stderr(), "fault: {}", point.name());
        std::process::abort();
    }
}

impl Fault {
    fn of_environment() -> Self {
        let (point, times) = std::env::var(WHERE).map_or((None, 0), |asked| read(&asked));
        let trace = std::env::var(TRACE).ok().and_then(|path| File::create(path).ok());
        Self { point, left: AtomicU64::new(times), trace }
    }
}

/// `NAME` or `NAME:N`. A fault that is asked for and never comes would pass for a test, so a wrong one ends the process.
fn read(asked: &str) -> (Option<Point>, u64) {
    let (name, times) = asked.split_once(':').unwrap_or((asked, "1"));
    let point = Point::ALL.iter().copied().find(|point| point.name() == name);
    match (point, times.parse()) {
        (Some(point), Ok(times)) => (Some(point), times),
        _ => {
            let names: Vec<_> = Point::ALL.iter().map(|point| point.name()).collect();
            let _untold = writeln!(std::io::stderr(), "{WHERE}: no such point; the points are {}", names.join(" "));
            std::process::exit(64);
        }
    }
}
