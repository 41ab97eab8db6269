//! Messages over a pair of byte streams, framed as the base protocol says:
//! <https://microsoft.github.io/language-server-protocol/specifications/lsp/3.18/specification/#baseProtocol>.
//!
//! `lsp-server` has a transport of its own, which ends at the first message that is no JSON. Here such a message is answered with an
//! error, and the next one is read.

use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::thread;

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};
use lsp_server::{Connection, ErrorCode, Message, Response};
use serde_json::Value;

/// Bytes of one message. The largest honest one is a document of some megabytes, escaped.
const MAX_MESSAGE_BYTES: u64 = 64 << 20;

/// Bytes of one line of a header.
const MAX_HEADER_BYTES: u64 = 8 << 10;

/// Messages read ahead of the one that is worked on.
const MAX_AHEAD: usize = 64;

/// A connection over two streams.
pub struct Transport {
    connection: Connection,
    written: Written,
}

/// The thread that writes; it ends once the connection is dropped and everything is written.
pub struct Written(thread::JoinHandle<io::Result<()>>);

impl Transport {
    pub fn split(self) -> (Connection, Written) {
        (self.connection, self.written)
    }
}

impl Written {
    /// Waits until everything is written.
    ///
    /// # Errors
    /// If the client stopped reading.
    pub fn finish(self) -> io::Result<()> {
        self.0.join().unwrap_or_else(|_| Err(io::Error::other("the writer panicked")))
    }
}

/// Reads from `input` and writes to `output`, each in a thread of its own.
pub fn over(input: impl Read + Send + 'static, output: impl Write + Send + 'static) -> Transport {
    let (to_client, outgoing) = unbounded::<Message>();
    let (incoming, from_client) = bounded::<Message>(MAX_AHEAD);
    let answers = to_client.clone();
    // Not joined: it ends with the client's stream, which may outlive the session.
    thread::spawn(move || read_all(BufReader::with_capacity(1 << 16, input), &incoming, &answers));
    let writer =
        thread::spawn(move || write_all(BufWriter::with_capacity(1 << 16, output), &outgoing));
    let connection = Connection { sender: to_client, receiver: from_client };
    Transport { connection, written: Written(writer) }
}

fn read_all(mut input: impl BufRead, incoming: &Sender<Message>, answers: &Sender<Message>) {
    loop {
        match read(&mut input) {
            Ok(Some(Incoming::Message(message))) => {
                let is_exit = matches!(&message, Message::Notification(it) if it.method == "exit");
                if incoming.send(message).is_err() || is_exit {
                    return;
                }
            }
            Ok(Some(Incoming::Unusable(answer))) => {
                if answers.send(answer.into()).is_err() {
                    return;
                }
            }
            // The client is gone; dropping the sender tells the session.
            Ok(None) | Err(_) => return,
        }
    }
}

enum Incoming {
    Message(Message),
    /// What is no message, with what to say about it.
    Unusable(Response),
}

/// `None` at the end of the stream.
fn read(input: &mut impl BufRead) -> io::Result<Option<Incoming>> {
    let Some(n_bytes) = content_length(input)? else { return Ok(None) };
    if n_bytes > MAX_MESSAGE_BYTES {
        io::copy(&mut input.take(n_bytes), &mut io::sink())?;
        let reason = format!("a message of {n_bytes} bytes, at most {MAX_MESSAGE_BYTES}: not read");
        return Ok(Some(unusable(Value::Null, ErrorCode::InvalidRequest, &reason)));
    }
    let mut body = Vec::new();
    let n_read = input.take(n_bytes).read_to_end(&mut body)?;
    if (n_read as u64) < n_bytes {
        return Ok(None);
    }
    if let Ok(message) = serde_json::from_slice::<Message>(&body) {
        return Ok(Some(Incoming::Message(message)));
    }
    Ok(Some(match serde_json::from_slice::<Value>(&body) {
        Err(error) => unusable(Value::Null, ErrorCode::ParseError, &format!("no JSON: {error}")),
        Ok(value) => {
            let id = value.get("id").cloned().unwrap_or(Value::Null);
            unusable(id, ErrorCode::InvalidRequest, "neither request, response nor notification")
        }
    }))
}

fn unusable(id: Value, code: ErrorCode, reason: &str) -> Incoming {
    // An id that is no id has none to answer to.
    let id = serde_json::from_value(id).unwrap_or_else(|_| lsp_server::RequestId::from(-1));
    Incoming::Unusable(Response::new_err(id, code as i32, reason.to_owned()))
}

/// Reads the header. Lines that are no header are skipped, so that a client that printed to the wrong stream is survived.
fn content_length(input: &mut impl BufRead) -> io::Result<Option<u64>> {
    let mut length = None;
    loop {
        let mut line = Vec::new();
        let n_read = input.take(MAX_HEADER_BYTES).read_until(b'\n', &mut line)?;
        if n_read == 0 {
            return Ok(None);
        }
        let line = String::from_utf8_lossy(&line);
        let line = line.trim_end_matches(['\r', '\n']);
        if line.is_empty() {
            if length.is_some() {
                return Ok(length);
            }
        } else if let Some((name, value)) = line.split_once(':')
            && name.trim().eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().ok();
        }
    }
}

fn write_all(mut output: impl Write, outgoing: &Receiver<Message>) -> io::Result<()> {
    for message in outgoing {
        message.write(&mut output)?;
        // What follows at once goes with it.
        while let Ok(message) = outgoing.try_recv() {
            message.write(&mut output)?;
        }
        output.flush()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framed(body: &str) -> String {
        format!("Content-Length: {}\r\n\r\n{body}", body.len())
    }

    /// What is read of `input`, a line each.
    #[track_caller]
    fn check(input: &str, expected: &[&str]) {
        let mut stream = input.as_bytes();
        let mut found = Vec::new();
        while let Ok(Some(it)) = read(&mut stream) {
            found.push(match it {
                Incoming::Message(Message::Notification(it)) => it.method,
                Incoming::Message(it) => format!("{it:?}"),
                Incoming::Unusable(it) => format!("unusable {:?}", it.id.to_string()),
            });
        }
        assert_eq!(found, expected);
    }

    #[test]
    fn what_is_no_message_costs_only_itself() {
        let good = framed(r#"{"jsonrpc":"2.0","method":"a"}"#);
        check(&format!("{good}{good}"), &["a", "a"]);
        check(&format!("{}{good}", framed("{not json")), &["unusable \"-1\"", "a"]);
        check(&format!("{}{good}", framed(r#"{"id":7}"#)), &["unusable \"7\"", "a"]);
        check(&format!("{}{good}", framed("[1,2]")), &["unusable \"-1\"", "a"]);
        check(&format!("hello\r\n\r\n{good}"), &["a"]);
        check(&format!("content-length: 2\r\nX: y\r\n\r\n{{}}{good}"), &["unusable \"-1\"", "a"]);
    }

    #[test]
    fn a_stream_that_ends_within_a_message_has_no_more() {
        check("", &[]);
        check("Content-Length: 10", &[]);
        check("Content-Length: 10\r\n\r\n{}", &[]);
        check("Content-Length: -1\r\n\r\n{}", &[]);
    }

    #[test]
    fn a_message_that_is_too_large_is_skipped() {
        let head = format!("Content-Length: {}\r\n\r\n", MAX_MESSAGE_BYTES + 1);
        let good = framed(r#"{"jsonrpc":"2.0","method":"a"}"#);
        let large = io::repeat(b' ').take(MAX_MESSAGE_BYTES + 1);
        let mut stream = BufReader::new(head.as_bytes().chain(large).chain(good.as_bytes()));
        assert!(matches!(read(&mut stream), Ok(Some(Incoming::Unusable(_)))));
        assert!(matches!(read(&mut stream), Ok(Some(Incoming::Message(_)))));
    }
}
