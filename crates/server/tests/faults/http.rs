//! A server for tests: a thread a connection, a function from the body of a request to a reply.

use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// What is sent back.
pub(crate) struct Reply {
    status: u16,
    headers: String,
    body: String,
    delay: Duration,
}

impl Reply {
    pub(crate) fn new(status: u16) -> Self {
        Self { status, headers: String::new(), body: String::new(), delay: Duration::ZERO }
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers += &format!("{name}: {value}\r\n");
        self
    }

    pub(crate) fn text(self, body: &str) -> Self {
        Self { body: body.to_owned(), ..self }
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        let body = body.to_string();
        Self { body, ..self.header("content-type", "application/json") }
    }

    pub(crate) fn delay(self, delay: Duration) -> Self {
        Self { delay, ..self }
    }

    fn whole(&self) -> String {
        let Self { status, headers, body, .. } = self;
        let length = body.len();
        format!("HTTP/1.1 {status} -\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n{body}")
    }
}

/// A server on a port of its own, until it is dropped.
pub(crate) struct Server {
    address: SocketAddr,
    gone: Arc<AtomicBool>,
}

impl Server {
    /// Replies to every POST; anything else is not found.
    pub(crate) fn start(reply: impl Fn(&Value) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (gone, reply) = (Arc::new(AtomicBool::new(false)), Arc::new(reply));
        let stop = gone.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().filter_map(Result::ok) {
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                let reply = reply.clone();
                std::thread::spawn(move || answer(stream, &*reply));
            }
        });
        Self { address, gone }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.gone.store(true, Ordering::SeqCst);
        // Wakes the listener, which then closes.
        drop(TcpStream::connect(self.address));
    }
}

/// Reads a request and answers it. A client may go away at any time, which is its right.
fn answer(mut stream: TcpStream, reply: &dyn Fn(&Value) -> Reply) {
    let Ok(clone) = stream.try_clone() else { return };
    let Some((first, body)) = request(BufReader::new(clone)) else { return };
    let reply = match serde_json::from_slice(&body) {
        Ok(body) if first.starts_with("POST ") => reply(&body),
        Ok(_) | Err(_) => Reply::new(404),
    };
    std::thread::sleep(reply.delay);
    drop(stream.write_all(reply.whole().as_bytes()));
}

/// The first line of a request, and its body; `None` if it broke off.
pub(crate) fn request(mut reader: impl BufRead) -> Option<(String, Vec<u8>)> {
    let (mut first, mut line, mut length) = (String::new(), String::new(), 0);
    reader.read_line(&mut first).ok()?;
    while reader.read_line(&mut line).is_ok_and(|n| n > 2) {
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        line.clear();
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((first, body))
}
