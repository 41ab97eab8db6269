//! From `initialize` to `exit`: one message or outcome after the other.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::time::Duration;

use crossbeam_channel::{after, select};
use fixloop_index::{Index, Urgency};
use fixloop_match::Known;
use fixloop_telemetry::{Machine, Settings};
use jiff::civil::Date;
use lsp_server::{Connection, ErrorCode, Message, Request, Response};
use serde_json::Value;

use crate::capabilities::{Client, answer};
use crate::episodes::Episodes;
use crate::options::{Mode, Options};
use crate::protocol::MessageType;
use crate::session::{Judge, Session};
use crate::worker::{IndexPlace, Outcome, Recording, Worker};
use crate::workspace::Workspace;

/// How long nobody has typed before what is half a requirement is told of. Versions in full never wait.
const PAUSE: Duration = Duration::from_millis(400);

/// What the server is told by whoever starts it. A client's options go before it.
#[derive(Clone, Debug)]
pub struct Environment {
    /// An index that was asked for.
    pub index: Option<PathBuf>,
    /// Where the index lies if none was asked for; without a file there, the starter index is used.
    pub default_index: Option<PathBuf>,
    /// Where the policy lies, and its key, if this machine's administrator said so.
    pub policy: Option<String>,
    pub policy_key: Option<String>,
    /// Where the last believed policy is kept.
    pub policy_cache: Option<PathBuf>,
    /// Where events are kept by default, and whether anybody there said not to.
    pub machine: Machine,
    /// Which day it is, for exceptions.
    pub today: fn() -> Date,
}

/// How a session ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Served {
    /// `shutdown`, then `exit`.
    Ended,
    /// The client went away without saying so.
    Gone,
}

/// Serves one client until it is done or gone.
pub fn serve(connection: Connection, environment: &Environment) -> Served {
    let Some(Introduced { client, options, workspace, wrong, named_client }) =
        initialize(&connection)
    else {
        return Served::Gone;
    };
    let named = options.index.clone().or_else(|| environment.index.clone());
    let place = IndexPlace {
        is_required: named.is_some(),
        path: named.or_else(|| environment.default_index.clone()),
    };
    let recording = recording(environment, &options, named_client);
    let clock = environment.machine.clock();
    let episodes = Episodes::new(clock);
    let worker = Worker::start((place, options.policy_place(environment)), recording, clock);
    let Connection { sender, receiver } = connection;
    let mut session =
        Session::new(environment, sender, (worker, episodes), (client, options, workspace));
    for it in wrong {
        session.show(MessageType::Warning, &it);
    }
    session.start();
    let mut opened: Option<(Index, Urgency)> = None;
    let mut own: Option<Index> = None;
    loop {
        let turn = match &opened {
            None => turn(&mut session, &receiver, None),
            Some((index, urgency)) => {
                let (known, own) = (Known::new(index), own.as_ref().map(Known::new));
                let judge = Judge { known: &known, own: own.as_ref(), urgency };
                turn(&mut session, &receiver, Some(judge))
            }
        };
        match turn {
            Turn::Index(index) => opened = Some(*index),
            Turn::Own(index) => own = index.map(|it| *it),
            Turn::End(served) => {
                session.end();
                return served;
            }
        }
    }
}

/// What `initialize` says.
struct Introduced {
    client: Client,
    options: Options,
    workspace: Workspace,
    /// What of the options could not be used.
    wrong: Vec<String>,
    /// Name and version.
    named_client: (Option<String>, Option<String>),
}

fn recording(
    environment: &Environment,
    options: &Options,
    (name, version): (Option<String>, Option<String>),
) -> Recording {
    Recording {
        machine: environment.machine.clone(),
        settings: Settings {
            folder: options.spool.clone(),
            client_allows: options.telemetry,
            ..Settings::default()
        },
        mode: match options.mode {
            Mode::Alert => fixloop_telemetry::Mode::Alert,
            Mode::Observe => fixloop_telemetry::Mode::Observe,
        },
        client: fixloop_telemetry::Client::of(name.as_deref().unwrap_or("")),
        client_version: version,
    }
}

/// `None` if the client left before it said who it is.
fn initialize(connection: &Connection) -> Option<Introduced> {
    let send = |message: Message| connection.sender.send(message).ok();
    for message in &connection.receiver {
        match message {
            Message::Request(request) if request.method == "initialize" => {
                let params = request.params;
                let client = Client::read(&params);
                let (options, wrong) = Options::read(params.get("initializationOptions"));
                let workspace = Workspace::read(&params);
                send(Response::new_ok(request.id, answer(client, &options)).into())?;
                let named = |key: &str| {
                    let value = params.pointer(&format!("/clientInfo/{key}"));
                    value.and_then(Value::as_str).map(ToOwned::to_owned)
                };
                let named_client = (named("name"), named("version"));
                return Some(Introduced { client, options, workspace, wrong, named_client });
            }
            Message::Request(Request { id, .. }) => {
                let code = ErrorCode::ServerNotInitialized as i32;
                let reason = "`initialize` has to come first".to_owned();
                send(Response::new_err(id, code, reason).into())?;
            }
            Message::Notification(it) if it.method == "exit" => return None,
            Message::Notification(_) | Message::Response(_) => {}
        }
    }
    None
}

enum Turn {
    /// Another index: everything has to be judged again.
    Index(Box<(Index, Urgency)>),
    /// The same of the organization's own advisories.
    Own(Option<Box<Index>>),
    End(Served),
}

/// Serves as long as the index stays the same.
fn turn(
    session: &mut Session,
    receiver: &crossbeam_channel::Receiver<Message>,
    judge: Option<Judge<'_, '_>>,
) -> Turn {
    guarded(session, None, |session| session.judge_all(judge));
    let outcomes = session.outcomes();
    let mut has_worker = true;
    loop {
        let never = crossbeam_channel::never();
        let pause =
            if session.documents.is_waiting() { after(PAUSE) } else { crossbeam_channel::never() };
        select! {
            recv(pause) -> _ => guarded(session, None, |session| session.settle(judge)),
            recv(receiver) -> message => {
                let Ok(message) = message else { return Turn::End(Served::Gone) };
                if let Message::Notification(it) = &message && it.method == "exit" {
                    let served = if session.is_shut_down { Served::Ended } else { Served::Gone };
                    return Turn::End(served);
                }
                let id = match &message {
                    Message::Request(it) => Some(it.id.clone()),
                    _ => None,
                };
                guarded(session, id, |session| session.take(message, judge));
            }
            recv(if has_worker { &outcomes } else { &never }) -> outcome => match outcome {
                Ok(Outcome::Index(index)) => return Turn::Index(index),
                Ok(Outcome::Own { index, files }) => {
                    // Not judged yet: what the policy says and what it is about become another at once.
                    files.into_iter().for_each(|it| session.documents.govern(it));
                    return Turn::Own(index);
                }
                Ok(outcome) => guarded(session, None, |session| session.learn(outcome, judge)),
                Err(_) => {
                    has_worker = false;
                    let text = "fixloop no longer follows lockfiles and the index: restart it";
                    session.show(MessageType::Error, text);
                }
            },
        }
    }
}

/// A bug in one message must not cost the session.
fn guarded(
    session: &mut Session,
    id: Option<lsp_server::RequestId>,
    work: impl FnOnce(&mut Session),
) {
    if catch_unwind(AssertUnwindSafe(|| work(session))).is_err() {
        let text = "fixloop met a bug and goes on; its output says where";
        session.show(MessageType::Error, text);
        if let Some(id) = id {
            session.send(Response::new_err(id, ErrorCode::InternalError as i32, text.to_owned()));
        }
    }
}

/// The parameters of a message, or why they cannot be used.
pub(crate) fn params<P: serde::de::DeserializeOwned>(value: Value) -> Result<P, String> {
    serde_json::from_value(value).map_err(|error| error.to_string())
}
