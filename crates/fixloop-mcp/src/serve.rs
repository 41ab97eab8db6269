//! One run of the server, from the first message to the end of the input.

use std::io::{self, Read, Write};
use std::sync::Arc;

use rmcp::serve_server;
use rmcp::service::ServerInitializeError;

use crate::server::Server;
use crate::tools::{Environment, Tools};
use crate::transport::{Pipes, over};

/// Threads for tool calls: each is bound by the processor or the disk.
const MAX_THREADS: usize = 4;

/// Serves until the input ends. Calls that are under way then have five seconds to be answered.
///
/// # Errors
/// If the output cannot be written, or the protocol's loop failed.
pub fn serve(
    input: impl Read + Send + 'static,
    output: impl Write + Send + 'static,
    environment: Environment,
) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .max_blocking_threads(MAX_THREADS)
        .build()?;
    let (pipes, written) = over(input, output);
    let tools = Arc::new(Tools::new(environment));
    let served = runtime.block_on(until_closed(pipes, &Server::new(Arc::clone(&tools))));
    // A scan that is still under way is left to the end of the process.
    runtime.shutdown_background();
    tools.end();
    // An output that cannot be written is the cause of whatever else went wrong.
    written.finish().and(served)
}

async fn until_closed(pipes: Pipes, server: &Server) -> io::Result<()> {
    loop {
        match serve_server(server.clone(), pipes.clone()).await {
            Ok(running) => {
                return running.waiting().await.map(|_| ()).map_err(io::Error::other);
            }
            // A client that begins with something else, or asks for what is not there, may begin again.
            Err(
                ServerInitializeError::ExpectedInitializeRequest(_)
                | ServerInitializeError::InitializeFailed(_),
            ) => {}
            Err(ServerInitializeError::ConnectionClosed(_)) => return Ok(()),
            Err(error) => return Err(io::Error::other(error)),
        }
    }
}
