//! The protocol's side of the tools: what is offered, and a call's way to a thread and back.

use std::sync::Arc;
use std::time::Duration;

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, CustomRequest,
    CustomResult, ErrorCode, ErrorData, Implementation, ListToolsResult, PaginatedRequestParams,
    ServerCapabilities, ServerConfig,
};
use rmcp::service::RequestContext;
use rmcp::{RoleServer, ServerHandler};
use tokio::sync::Semaphore;

use crate::quoted::word;
use crate::recording::Caller;
use crate::tool::{Tool, without_invitation};
use crate::tools::{Answer, Tools};

/// After this a call is answered without its result.
const MAX_TIME: Duration = Duration::from_secs(50);

/// Calls at once, those that wait for a thread included.
const MAX_CALLS: usize = 32;

/// What it is, when to call it, and how to read it. The second is said unasked.
const INSTRUCTIONS: [&str; 3] = [
    "fixloop knows the published advisories (vulnerable and malicious packages) of package registries, offline on this machine.",
    "Call check_package before you add a dependency or change its version, scan_project after you changed dependencies, and suggest_fix for \
     edits that clear what was found.",
    "A verdict of `unknown` means not checked, never clean.",
];

#[derive(Clone)]
pub(crate) struct Server {
    tools: Arc<Tools>,
    calls: Arc<Semaphore>,
}

impl Server {
    pub(crate) fn new(tools: Arc<Tools>) -> Self {
        Self { tools, calls: Arc::new(Semaphore::new(MAX_CALLS)) }
    }

    /// The work is done on a thread of its own, so that a long scan holds nobody else up.
    async fn call(&self, tool: Tool, request: CallToolRequestParams, caller: Caller) -> Answer {
        let Ok(permit) = Arc::clone(&self.calls).try_acquire_owned() else {
            return Answer::failure(format!(
                "more than {MAX_CALLS} calls at once: wait for answers"
            ));
        };
        let tools = Arc::clone(&self.tools);
        let arguments = request.arguments.unwrap_or_default();
        let work = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            tools.call(tool, arguments, &caller)
        });
        match tokio::time::timeout(MAX_TIME, work).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Answer::failure(format!(
                "{} failed inside, which is a mistake in fixloop; nothing was checked",
                tool.name()
            )),
            Err(_) => Answer::failure(format!(
                "not done after {} seconds: name a smaller folder or a single file",
                MAX_TIME.as_secs()
            )),
        }
    }
}

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        let version = env!("CARGO_PKG_VERSION");
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(Implementation::new("fixloop", version))
            .with_instructions(without_invitation(INSTRUCTIONS, self.tools.is_silent()))
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let is_silent = self.tools.is_silent();
        let offered = Tool::ALL.iter().map(|it| it.offered(is_silent)).collect();
        Ok(ListToolsResult::with_all_items(offered))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let Some(tool) = Tool::of(&request.name) else {
            let names: Vec<&str> = Tool::ALL.iter().map(|it| it.name()).collect();
            let words = format!(
                "no tool is called `{}`; there are {}",
                word(&request.name),
                names.join(", ")
            );
            return Err(ErrorData::invalid_params(words, None));
        };
        let caller = context.peer.peer_info().map_or_else(Caller::default, |it| {
            Caller::new(&it.client_info.name, &it.client_info.version)
        });
        Ok(result(self.call(tool, request, caller).await).into())
    }

    /// Known methods come here, too, if their parameters are not what the protocol says.
    async fn on_custom_request(
        &self,
        request: CustomRequest,
        _: RequestContext<RoleServer>,
    ) -> Result<CustomResult, ErrorData> {
        let method = word(&request.method);
        Err(if method == "tools/call" {
            let words = "tools/call takes `name`, a text, and `arguments`, an object";
            ErrorData::invalid_params(words, None)
        } else {
            let words = format!(
                "`{method}` is no method of this server, or its parameters are not the protocol's"
            );
            ErrorData::new(ErrorCode::METHOD_NOT_FOUND, words, None)
        })
    }
}

fn result(answer: Answer) -> CallToolResult {
    match answer {
        Answer::Done { text, structured } => {
            let mut result = CallToolResult::success(vec![ContentBlock::text(text)]);
            result.structured_content = Some(structured);
            result
        }
        Answer::Failed(text) => CallToolResult::error(vec![ContentBlock::text(text)]),
    }
}
