//! The SDK's transport over blocking input and output: one thread reads, one writes.
//!
//! The SDK's own would drop a line that is too long or no JSON without a word, and leave the client waiting.

use std::future::ready;
use std::io::{self, BufReader, Read, Write};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use rmcp::RoleServer;
use rmcp::model::{ClientJsonRpcMessage, ErrorData, RequestId, ServerJsonRpcMessage};
use rmcp::transport::Transport;
use serde_json::Value;
use tokio::sync::Mutex;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::lines::{Line, MAX_LINE, id_of, next_line};

/// Messages between two threads before the faster one waits.
const CAPACITY: usize = 16;

pub(crate) enum Outgoing {
    Message(Box<ServerJsonRpcMessage>),
    /// Nothing comes after it.
    End,
}

/// Cheap to clone: a handshake that fails is begun again on the same pipes.
#[derive(Clone)]
pub(crate) struct Pipes {
    received: Arc<Mutex<Receiver<ClientJsonRpcMessage>>>,
    written: Sender<Outgoing>,
}

/// The writing thread.
pub(crate) struct Written {
    thread: JoinHandle<io::Result<()>>,
    written: Sender<Outgoing>,
}

/// Begins to read and write.
pub(crate) fn over(
    input: impl Read + Send + 'static,
    output: impl Write + Send + 'static,
) -> (Pipes, Written) {
    let (received_by, received) = channel(CAPACITY);
    let (written, to_write) = channel(CAPACITY);
    let answers = written.clone();
    // Nobody waits for it: a client that is silent and does not close may keep it for ever.
    thread::spawn(move || read(BufReader::new(input), &received_by, &answers));
    let thread = thread::spawn(move || write(output, to_write));
    let pipes = Pipes { received: Arc::new(Mutex::new(received)), written: written.clone() };
    (pipes, Written { thread, written })
}

impl Written {
    /// Waits until everything is written.
    ///
    /// # Errors
    /// If the output could not be written.
    pub(crate) fn finish(self) -> io::Result<()> {
        // A thread that stopped at an error takes nothing any more.
        drop(self.written.blocking_send(Outgoing::End));
        self.thread.join().unwrap_or_else(|_| Err(io::Error::other("the writing thread failed")))
    }
}

/// Ends with the input; one that cannot be read has ended, too.
fn read(
    mut input: BufReader<impl Read>,
    received: &Sender<ClientJsonRpcMessage>,
    answers: &Sender<Outgoing>,
) {
    while let Ok(Some(line)) = next_line(&mut input) {
        let is_open = match message(line) {
            Ok(Some(message)) => received.blocking_send(*message).is_ok(),
            Ok(None) => true,
            Err(error) => answers.blocking_send(Outgoing::Message(error)).is_ok(),
        };
        if !is_open {
            return;
        }
    }
}

/// The message of a line, or the error that answers it; nothing where no answer is due.
fn message(line: Line) -> Result<Option<Box<ClientJsonRpcMessage>>, Box<ServerJsonRpcMessage>> {
    let refusal = |error, id| Err(Box::new(ServerJsonRpcMessage::error(error, id)));
    let text = match line {
        Line::TooLong { id } => {
            let words = format!(
                "message of more than {} MiB: arguments are names, versions and paths, not contents",
                MAX_LINE >> 20
            );
            return refusal(ErrorData::invalid_request(words, None), id);
        }
        Line::Whole(text) if text.trim_ascii().is_empty() => return Ok(None),
        Line::Whole(text) => text,
    };
    if let Ok(message) = serde_json::from_slice(&text) {
        return Ok(Some(Box::new(message)));
    }
    let value: Value = match serde_json::from_slice(&text) {
        Ok(value) => value,
        Err(error) => {
            let words = format!("not JSON, or nested too deep, at column {}", error.column());
            return refusal(ErrorData::parse_error(words, None), None);
        }
    };
    if value.get("method").is_some_and(Value::is_string) && value.get("id").is_none() {
        // A notification is not answered, also one that nobody understands.
        return Ok(None);
    }
    let id: Option<RequestId> = id_of(text.as_slice());
    let words = if value.is_array() {
        "batches are not part of the protocol: one message a line"
    } else {
        "not a JSON-RPC 2.0 message of the Model Context Protocol"
    };
    refusal(ErrorData::invalid_request(words, None), id)
}

fn write(mut output: impl Write, mut to_write: Receiver<Outgoing>) -> io::Result<()> {
    while let Some(Outgoing::Message(message)) = to_write.blocking_recv() {
        let mut line = serde_json::to_vec(&message)?;
        line.push(b'\n');
        output.write_all(&line)?;
        output.flush()?;
    }
    Ok(())
}

impl Transport<RoleServer> for Pipes {
    type Error = io::Error;

    fn send(
        &mut self,
        message: ServerJsonRpcMessage,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send + 'static {
        let written = self.written.clone();
        async move {
            let sent = written.send(Outgoing::Message(Box::new(message))).await;
            sent.map_err(|_| io::ErrorKind::BrokenPipe.into())
        }
    }

    async fn receive(&mut self) -> Option<ClientJsonRpcMessage> {
        self.received.lock().await.recv().await
    }

    fn close(&mut self) -> impl Future<Output = Result<(), Self::Error>> + Send {
        ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: &str) {
        let told = match message(Line::Whole(line.as_bytes().to_vec())) {
            Ok(Some(_)) => "message".to_owned(),
            Ok(None) => "nothing".to_owned(),
            Err(error) => serde_json::to_string(&error).unwrap(),
        };
        assert_eq!(told, expected);
    }

    #[test]
    fn what_is_no_message_is_answered_if_an_answer_is_due() {
        check(r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#, "message");
        check(r#"{"jsonrpc":"2.0","method":"$/unheard-of"}"#, "message");
        check("  ", "nothing");
        check(
            r#"{"jsonrpc":"#,
            r#"{"jsonrpc":"2.0","error":{"code":-32700,"message":"not JSON, or nested too deep, at column 11"}}"#,
        );
        check(
            r#"{"jsonrpc":"2.0","id":3}"#,
            r#"{"jsonrpc":"2.0","id":3,"error":{"code":-32600,"message":"not a JSON-RPC 2.0 message of the Model Context Protocol"}}"#,
        );
        check(
            "[]",
            r#"{"jsonrpc":"2.0","error":{"code":-32600,"message":"batches are not part of the protocol: one message a line"}}"#,
        );
        check(
            &format!("{}{}", "[".repeat(1000), "]".repeat(1000)),
            r#"{"jsonrpc":"2.0","error":{"code":-32700,"message":"not JSON, or nested too deep, at column 128"}}"#,
        );
    }
}
