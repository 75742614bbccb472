//! A client against what only a bare socket can do: connections that break in the middle, bytes that drip,
//! servers that are not there, or not any more.

use crate::http::request;
use crate::mock::{asks, draw, quick, say, texts, undisturbed, usable, watched};
use eightfold_server::{Connection, Event, Fault};
use std::io::{BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

/// What a server does with a request.
#[derive(Clone, Copy)]
enum Deed {
    Answer,
    /// Half of the response, then the end of the stream.
    Half,
    /// Half of the response, then a reset: the request's last byte was never read.
    Reset,
    /// The response one byte at a time, slower than anyone waits.
    Drip,
    /// A response without a length that ends too early.
    Open,
}

/// A server on a socket of its own, until it is dropped.
struct Server {
    address: SocketAddr,
    answered: Arc<AtomicUsize>,
    gone: Arc<AtomicBool>,
}

impl Server {
    /// Does `plan` of the number of a request, from 0; `None` ends the server.
    fn start(listener: TcpListener, plan: impl Fn(usize) -> Option<Deed> + Send + Sync + 'static) -> Self {
        let address = listener.local_addr().unwrap();
        let (answered, gone) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        let server = Self { address, answered: answered.clone(), gone: gone.clone() };
        let (plan, count) = (Arc::new(plan), Arc::new(AtomicUsize::new(0)));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if gone.load(Ordering::SeqCst) {
                    return;
                }
                let (plan, count, answered, gone) =
                    (plan.clone(), count.clone(), answered.clone(), gone.clone());
                std::thread::spawn(move || {
                    let stream = stream.unwrap();
                    match plan(count.fetch_add(1, Ordering::SeqCst)) {
                        Some(deed) => serve(stream, deed, &answered),
                        None if !gone.swap(true, Ordering::SeqCst) => {
                            // Wakes the listener, which then closes.
                            let _ = TcpStream::connect(address);
                        }
                        None => {}
                    }
                });
            }
        });
        server
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.gone.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
    }
}

fn serve(mut stream: TcpStream, deed: Deed, answered: &AtomicUsize) {
    let Some((_, body)) = request(BufReader::new(stream.try_clone().unwrap())) else { return };
    let said = say(&serde_json::from_slice(&body).unwrap()).to_string();
    let head = "HTTP/1.1 200 OK\r\nconnection: close\r\n";
    let whole = format!("{head}content-length: {}\r\n\r\n{said}", said.len());
    let half = &whole.as_bytes()[..whole.len() - said.len() / 2];
    // The client may be gone, which is its right.
    let _ = match deed {
        Deed::Answer => {
            answered.fetch_add(1, Ordering::SeqCst);
            stream.write_all(whole.as_bytes())
        }
        Deed::Half => stream.write_all(half),
        Deed::Reset => {
            let _ = stream.write_all(half);
            reset(&stream)
        }
        Deed::Drip => whole.as_bytes().iter().try_for_each(|byte| {
            std::thread::sleep(Duration::from_millis(20));
            stream.write_all(&[*byte])
        }),
        Deed::Open => stream.write_all(format!("{head}\r\n{}", &said[..said.len() / 2]).as_bytes()),
    };
}

/// Closes with a reset in place of an end.
fn reset(stream: &TcpStream) -> std::io::Result<()> {
    let linger = socket2::SockRef::from(stream);
    linger.set_linger(Some(Duration::ZERO))
}

fn anywhere() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").unwrap()
}

/// 12 asks against a server that does `deed` with every third request.
fn survives(deed: Deed, fault: Fault) {
    let (dir, asks) = (tempfile::tempdir().unwrap(), asks(6, 2));
    let journal = dir.path().join("journal.jsonl");
    let server = Server::start(anywhere(), move |i| Some(if i % 3 == 1 { deed } else { Deed::Answer }));
    let mut connection = quick(&server.url());
    if fault == Fault::Timeout {
        connection.timeout = Duration::from_millis(700);
    }
    let (client, events) = watched(connection, &journal);
    assert_eq!(texts(&draw(&client, &asks).unwrap()), undisturbed(&asks));
    let met = |event: &&Event| matches!(event, Event::Failed { fault: f, .. } if *f == fault);
    let events = events.lock().unwrap();
    assert!(events.iter().any(|event| met(&event)), "{events:?}");
    assert_eq!(usable(&journal).0, 12);
    let answered = server.answered.load(Ordering::SeqCst);
    assert!(answered == 12 || fault == Fault::Timeout && answered > 12, "none is answered twice: {answered}");
}

#[test]
fn a_response_that_ends_in_the_middle() {
    survives(Deed::Half, Fault::Reset);
}

#[test]
fn a_connection_that_is_reset_in_the_middle() {
    survives(Deed::Reset, Fault::Reset);
}

#[test]
fn a_response_that_drips() {
    survives(Deed::Drip, Fault::Timeout);
}

#[test]
fn a_response_without_a_length_that_ends_too_early() {
    survives(Deed::Open, Fault::Broken);
}

#[test]
fn a_server_that_is_down_at_the_start_comes_later() {
    let (dir, asks) = (tempfile::tempdir().unwrap(), asks(4, 2));
    let reserved = anywhere();
    let address = reserved.local_addr().unwrap();
    drop(reserved);
    let (client, events) = watched(
        Connection { attempts: 1000, ..quick(&format!("http://{address}")) },
        &dir.path().join("journal.jsonl"),
    );
    let late = std::thread::spawn({
        let events = events.clone();
        move || {
            let aside = |event: &Event| matches!(event, Event::Aside { .. });
            while !events.lock().unwrap().iter().any(aside) {
                std::thread::sleep(Duration::from_millis(5));
            }
            Server::start(TcpListener::bind(address).unwrap(), |_| Some(Deed::Answer))
        }
    });
    assert_eq!(texts(&draw(&client, &asks).unwrap()), undisturbed(&asks));
    assert_eq!(late.join().unwrap().answered.load(Ordering::SeqCst), 8);
    assert!(events.lock().unwrap().iter().any(|event| matches!(event, Event::Back { .. })));
}

#[test]
fn a_server_that_dies_midway_is_replaced_by_the_other() {
    let (dir, asks) = (tempfile::tempdir().unwrap(), asks(10, 2));
    let journal = dir.path().join("journal.jsonl");
    let dies = Server::start(anywhere(), |i| (i < 5).then_some(Deed::Answer));
    let lives = Server::start(anywhere(), |_| Some(Deed::Answer));
    let endpoints = vec![dies.url(), lives.url()];
    let (client, events) = watched(Connection { endpoints, ..quick("") }, &journal);
    assert_eq!(texts(&draw(&client, &asks).unwrap()), undisturbed(&asks));
    let aside = Event::Aside { url: format!("{}/v1", dies.url()) };
    assert!(events.lock().unwrap().contains(&aside));
    assert_eq!(dies.answered.load(Ordering::SeqCst), 5);
    assert_eq!(lives.answered.load(Ordering::SeqCst), 15);
    assert_eq!(usable(&journal), (20, 20));
}

#[test]
fn servers_that_stay_down_are_one_error() {
    let dir = tempfile::tempdir().unwrap();
    let address = anywhere().local_addr().unwrap();
    let connection = Connection { attempts: 5, ..quick(&format!("http://{address}")) };
    let (client, _) = watched(connection, &dir.path().join("journal.jsonl"));
    let error = draw(&client, &asks(4, 2)).unwrap_err().to_string();
    assert!(error.contains("5 attempts") && error.contains(&address.to_string()), "{error}");
}
