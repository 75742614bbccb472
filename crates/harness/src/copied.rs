//! Long runs go on with a copy of the program, so that building anew does not pull it away from under them.

use anyhow::{Context, Result};
use std::ffi::OsString;
use std::path::Path;

/// The hidden flag of a program that is such a copy.
pub(crate) const FLAG: &str = "--copied";

/// Copies the program into a folder and goes on as the copy; returns only where that cannot be done.
///
/// # Errors
/// If the program cannot be found, copied or started.
#[cfg(unix)]
pub(crate) fn go_on_as_copy(folder: &Path, name: &str, sources: &str) -> Result<()> {
    use std::os::unix::process::CommandExt;
    let own = std::env::current_exe().context("this program does not know its own file")?;
    let copy = folder.join(format!("{name}-{sources}-{}", std::process::id()));
    std::fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    std::fs::copy(&own, &copy).with_context(|| format!("cannot copy to {}", copy.display()))?;
    let args: Vec<OsString> = std::env::args_os().skip(1).collect();
    let mut command = std::process::Command::new(&copy);
    command.arg0(std::env::args_os().next().unwrap_or_else(|| name.into()));
    remove_copies_of_dead(folder);
    let error = command.args(args).arg(FLAG).exec();
    Err(error).with_context(|| format!("cannot start {}", copy.display()))
}

/// Removes what killed runs left: a copy is named by its process. Only where the system lists its processes.
#[cfg(unix)]
fn remove_copies_of_dead(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.filter_map(Result::ok).map(|entry| entry.path()) {
        let process =
            path.file_name().and_then(|name| name.to_str()?.rsplit('-').next()?.parse::<u32>().ok());
        let list = Path::new("/proc/self");
        if process.is_some_and(|process| list.exists() && !list.with_file_name(process.to_string()).exists())
        {
            drop(std::fs::remove_file(path));
        }
    }
}

/// Elsewhere the program goes on as it is.
#[cfg(not(unix))]
pub(crate) fn go_on_as_copy(_folder: &Path, _name: &str, _sources: &str) -> Result<()> {
    Ok(())
}

/// Removes the copy that this program is.
pub(crate) fn remove_copy() {
    if let Ok(own) = std::env::current_exe() {
        drop(std::fs::remove_file(own));
    }
}
