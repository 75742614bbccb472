//! A side of the comparison as the driver sees it: a process that answers requests.

use crate::Result;
use crate::protocol::{Reply, Request};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

/// A running side.
pub(crate) struct Side {
    name: &'static str,
    child: Child,
    stdin: ChildStdin,
    lines: Receiver<String>,
}

/// One measurement.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Measured {
    /// Wall seconds.
    pub(crate) wall: f64,
    /// Processor seconds of all threads; `None` where the system does not tell.
    pub(crate) cpu: Option<f64>,
    /// Tokens drawn.
    pub(crate) tokens: u64,
}

impl Side {
    /// Starts a side on so many threads.
    pub(crate) fn start(name: &'static str, mut command: Command, threads: usize) -> Result<Self> {
        for variable in ["RAYON_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"] {
            command.env(variable, threads.to_string());
        }
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|e| format!("cannot start {name}: {e}: {command:?}"))?;
        let stdin = child.stdin.take().expect("piped above");
        let stdout = BufReader::new(child.stdout.take().expect("piped above"));
        let (send, lines) = channel();
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(std::result::Result::ok) {
                if send.send(line).is_err() {
                    return;
                }
            }
        });
        Ok(Self { name, child, stdin, lines })
    }

    /// Asks, and waits for the answer for at most so long.
    pub(crate) fn ask(&mut self, request: &Request, limit: Duration) -> Result<Reply> {
        self.tell(request)?;
        match self.lines.recv_timeout(limit) {
            Ok(line) => {
                Ok(serde_json::from_str(&line).map_err(|e| format!("{} says {line:?}: {e}", self.name))?)
            }
            Err(RecvTimeoutError::Timeout) => {
                Err(format!("{} has not answered in {} s", self.name, limit.as_secs()).into())
            }
            Err(RecvTimeoutError::Disconnected) => {
                Err(format!("{} ended; its last words are above", self.name).into())
            }
        }
    }

    /// Sends a request that has no answer.
    pub(crate) fn tell(&mut self, request: &Request) -> Result<()> {
        let line = serde_json::to_string(request)?;
        writeln!(self.stdin, "{line}").map_err(|e| format!("{} does not listen: {e}", self.name))?;
        Ok(self.stdin.flush()?)
    }

    /// One measurement.
    pub(crate) fn measure(&mut self, limit: Duration) -> Result<Measured> {
        // Threads of the other side that spin for more work go to sleep meanwhile.
        std::thread::sleep(Duration::from_millis(100));
        let before = self.cpu();
        let reply = self.ask(&Request::Measure, limit)?;
        let cpu = before.zip(self.cpu()).map(|(before, after)| after - before);
        Ok(Measured { wall: reply.seconds, cpu, tokens: reply.tokens })
    }

    /// Processor seconds of the process so far, where Linux tells.
    fn cpu(&self) -> Option<f64> {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", self.child.id())).ok()?;
        let nanoseconds = |task: std::fs::DirEntry| -> Option<u64> {
            let text = std::fs::read_to_string(task.path().join("schedstat")).ok()?;
            text.split(' ').next()?.parse().ok()
        };
        let all: Vec<u64> = tasks.flatten().filter_map(nanoseconds).collect();
        (!all.is_empty()).then(|| all.iter().sum::<u64>() as f64 * 1e-9)
    }

    /// The process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Side {
    fn drop(&mut self) {
        // It holds nothing that is worth keeping.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
