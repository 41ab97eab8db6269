//! A web server for one test: real sockets, one answer after the other.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// What a test answers with.
#[derive(Clone, Default)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) tag: Option<&'static str>,
    /// With it the answer is a part of a file.
    pub(crate) content_range: Option<String>,
    pub(crate) location: Option<String>,
    pub(crate) body: Vec<u8>,
    /// Bytes of the body that are sent before the connection breaks off.
    pub(crate) cut_after: Option<usize>,
    /// After these nothing more is sent, and the connection stays open until the client goes.
    pub(crate) silent_after: Option<usize>,
}

impl Answer {
    pub(crate) fn ok(body: impl Into<Vec<u8>>) -> Self {
        Self { status: 200, body: body.into(), ..Self::default() }
    }

    pub(crate) fn status(status: u16) -> Self {
        Self { status, ..Self::default() }
    }
}

/// Request line and headers, lower case names.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(it, _)| it == name).map(|(_, value)| &**value)
    }
}

pub(crate) struct Server {
    pub(crate) url: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    /// Serves until the test ends.
    pub(crate) fn start(answer: impl Fn(&Request) -> Answer + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("bound"));
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                // A client that goes away in the middle is part of some tests.
                serve(stream, &answer, &seen).unwrap_or_default();
            }
        });
        Self { url, requests }
    }

    /// Paths asked for since the last call.
    pub(crate) fn asked(&self) -> Vec<String> {
        let mut requests = self.requests.lock().expect("no test panics here");
        requests.drain(..).map(|it| it.target).collect()
    }
}

fn serve(
    stream: TcpStream,
    answer: &impl Fn(&Request) -> Answer,
    seen: &Mutex<Vec<Request>>,
) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut stream = stream;
    let mut request = read_request(&mut reader)?;
    if request.target.starts_with("CONNECT ") {
        seen.lock().expect("no test panics here").push(request);
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
        request = read_request(&mut reader)?;
    }
    let path = request.target.split(' ').nth(1).map(ToOwned::to_owned);
    request.target = path.unwrap_or_default();
    seen.lock().expect("no test panics here").push(request.clone());
    let answer = answer(&request);
    let mut head = format!("HTTP/1.1 {} X\r\nconnection: close\r\n", answer.status);
    if answer.status != 304 {
        head.extend(["content-length: ", &answer.body.len().to_string(), "\r\n"]);
    }
    for (name, value) in [
        ("etag", answer.tag.map(ToOwned::to_owned)),
        ("content-range", answer.content_range),
        ("location", answer.location),
    ] {
        if let Some(value) = value {
            head.extend([name, ": ", &value, "\r\n"]);
        }
    }
    stream.write_all(head.as_bytes())?;
    stream.write_all(b"\r\n")?;
    let end = answer.cut_after.or(answer.silent_after).unwrap_or(answer.body.len());
    // In small pieces, as a slow server sends them.
    for piece in answer.body[..end].chunks(512) {
        stream.write_all(piece)?;
        stream.flush()?;
    }
    if answer.silent_after.is_some() {
        // Until the client gives up.
        reader.read_line(&mut String::new())?;
    }
    Ok(())
}

/// The whole request line as target, then the headers.
fn read_request(reader: &mut impl BufRead) -> std::io::Result<Request> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        let line = line.trim_end().to_owned();
        if line.is_empty() {
            break;
        }
        lines.push(line);
    }
    let target = lines.first().cloned().unwrap_or_default();
    let headers = lines.iter().skip(1).filter_map(|it| it.split_once(": "));
    let headers = headers.map(|(name, value)| (name.to_lowercase(), value.to_owned()));
    Ok(Request { target, headers: headers.collect() })
}
