//! How much memory this process has needed.

/// The most resident memory so far, in bytes; `None` where the system does not say (it does on Linux).
pub(crate) fn peak() -> Option<u64> {
    of_status(&std::fs::read_to_string("/proc/self/status").ok()?)
}

/// The peak in the text of a `/proc` status file, which counts in kibibytes.
fn of_status(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_is_read_in_bytes() {
        assert_eq!(of_status("Name:\tfig7\nVmHWM:\t   20480 kB\nVmRSS:\t 1 kB\n"), Some(20480 * 1024));
        assert_eq!(of_status("VmHWM:\t lots\n"), None);
        assert_eq!(of_status(""), None);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_large_vector_shows() {
        let before = peak().unwrap();
        let more = before as usize + (64 << 20);
        let filled = std::hint::black_box(vec![1u8; more]);
        assert!(peak().unwrap() >= filled.len() as u64);
    }
}
