//! What this process has used so far.

use std::time::Instant;

use serde::Serialize;

use crate::failure::{Failure, Kind, Result};

/// Seconds of the wall clock, in user mode and in the kernel; and the largest resident size.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Account {
    pub wall_s: f64,
    pub user_s: f64,
    pub kernel_s: f64,
    pub peak_rss_bytes: u64,
}

/// The account up to now; the wall clock counts from `began`.
pub fn so_far(began: Instant) -> Account {
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // It cannot fail: the address is that of a local value, and the process is this one.
    unsafe { libc::getrusage(libc::RUSAGE_SELF, &mut usage) };
    let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 * 1e-6;
    Account {
        wall_s: began.elapsed().as_secs_f64(),
        user_s: seconds(usage.ru_utime),
        kernel_s: seconds(usage.ru_stime),
        peak_rss_bytes: usage.ru_maxrss as u64 * 1024,
    }
}

/// The resident memory of this process, in bytes.
pub fn resident_bytes() -> Result<u64> {
    let unreadable = || Failure::new(Kind::Unavailable, "/proc/self/statm cannot be read");
    let text = std::fs::read_to_string("/proc/self/statm").map_err(|_| unreadable())?;
    let pages: u64 = text
        .split_whitespace()
        .nth(1)
        .and_then(|pages| pages.parse().ok())
        .ok_or_else(unreadable)?;
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    Ok(pages * page as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn account_grows() {
        let began = Instant::now();
        let before = so_far(began);
        let spent: u64 = (0..20_000_000u64).map(std::hint::black_box).sum();
        let after = so_far(began);
        assert!(spent > 0 && after.wall_s > before.wall_s);
        assert!(after.user_s + after.kernel_s >= before.user_s + before.kernel_s);
        assert!(resident_bytes().is_ok_and(|bytes| bytes > 1 << 20));
    }
}
